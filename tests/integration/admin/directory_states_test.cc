#include "admin/directory_states.h"

#include <catch2/catch.hpp>

#include "tests/support/program.h"
#include "tests/support/scratch_catalog.h"

using namespace mirrorway;
using tests::ScratchCatalog;

namespace {

// Host m1 carries categories a and b, m2 only a; nobody carries c.
constexpr const char* kNetwork =
    "INSERT INTO site (id, name) VALUES (1, 's');"
    "INSERT INTO host (id, site_id, name) VALUES (1, 1, 'm1.example'), (2, 1, 'm2.example');"
    "INSERT INTO category (id, name, top_directory) VALUES (1, 'a', 'a'), (2, 'b', 'b'), "
    "(3, 'c', 'c');"
    "INSERT INTO host_category (id, host_id, category_id) VALUES (1,1,1), (2,1,2), (3,2,1);"
    "INSERT INTO directory (id, path, category_id) VALUES (1,'a/1',1), (2,'a/2',1), (3,'b/1',2), "
    "(4,'c/1',3), (5,'a/with blank',1);"
    "INSERT INTO host_category_directory VALUES (1,1,1), (2,1,1), (2,3,1)";

struct Network : ScratchCatalog {
  Network() { REQUIRE(run(kNetwork).empty()); }

  tests::Outcome import(const std::string& text, std::vector<std::string> more = {},
                        const std::string& host = "m1") const {
    more.insert(more.begin(), {"--catalog", url(), "import", "directory-states", "--host", host,
                               folder().write("states", text)});
    return tests::run_program("admin/mirror_admin", more);
  }
  std::vector<std::string> states() const {
    return query(
        "SELECT d.path, c.host_id, x.is_up_to_date FROM host_category_directory x "
        "JOIN directory d ON d.id = x.directory_id JOIN host_category c "
        "ON c.id = x.host_category_id ORDER BY 1, 2");
  }
};

const std::vector<std::string> kBefore{"a/1|1|1", "a/2|1|1", "a/2|2|1"};

}  // namespace

TEST_CASE("a crawl of one host is written, whatever the categories, and of no other host") {
  const Network network;
  const auto outcome = network.import(
      "# crawled today\n\nup-to-date /a/1/\noutdated a/2\nup-to-date b/1\noutdated a/with blank\n");
  CAPTURE(outcome.output);
  CHECK(outcome.status == 0);
  CHECK(outcome.output == "s/m1.example: 4 directories stated, 3 changed, 0 lines refused\n");
  CHECK(network.states() ==
        std::vector<std::string>{"a/1|1|1", "a/2|1|0", "a/2|2|1", "a/with blank|1|0", "b/1|1|1"});
}

TEST_CASE("the same crawl twice, or a dry run of it, leaves the catalog as it is") {
  const Network network;
  const std::string crawl = "outdated a/1\nup-to-date b/1\n";
  const std::string before = network.dump();
  CHECK_THAT(network.import(crawl, {"--dry-run"}).output, Catch::Contains("2 changed"));
  CHECK(network.dump() == before);
  CHECK(network.import(crawl).status == 0);
  const std::string after = network.dump();
  CHECK(after != before);
  CHECK_THAT(network.import(crawl).output, Catch::Contains("0 changed"));
  CHECK(network.dump() == after);
}

TEST_CASE(
    "a line that cannot be taken is refused with number and reason, and the others are taken") {
  struct Row {
    const char* line;
    const char* reason;
  };
  const auto row = GENERATE(values<Row>({
      {"current a/2", "\"current\" is neither up-to-date nor outdated"},
      {"outdated", "there is no directory behind outdated"},
      {"outdated ../a", ".."},
      {"outdated a/3", "directory a/3 is not in the catalog"},
      {"outdated c/1", "the host does not carry the category of c/1"},
      {"outdated a/1", "line 1 states a/1 already"},
      {"\toutdated\x1b a/2", "\"\\x09outdated\\x1b\" is neither"},
  }));
  const Network network;
  CAPTURE(row.line);
  const std::string text = std::string("outdated a/1\n") + row.line + "\n";
  const auto strict = network.import(text, {"--strict"});
  CHECK(strict.status == 1);
  CHECK_THAT(strict.output, Catch::Contains("nothing was imported: --strict"));
  CHECK(network.states() == kBefore);
  const auto outcome = network.import(text);
  CHECK(outcome.status == 0);
  CHECK_THAT(outcome.output, Catch::Contains("states:2: refused: ") && Catch::Contains(row.reason));
  CHECK(network.states() == std::vector<std::string>{"a/1|1|0", "a/2|1|1", "a/2|2|1"});
}

TEST_CASE("a file of which nothing can be taken, and a host that is none, change nothing") {
  struct Row {
    const char* text;
    const char* host;
    const char* reason;
  };
  const auto row = GENERATE(values<Row>({
      {"", "m1", "no line that could be used; nothing was changed"},
      {"# only a comment\n", "m1", "no line that could be used; nothing was changed"},
      {"<html>\n", "m1", "no line that could be used; nothing was changed"},
      {"outdated b/1\n", "m2", "no line that could be used; nothing was changed"},
      {"outdated a/1\n", "m3", "no host"},
      {"outdated a/1\n", "m", "m1.example"},
  }));
  const Network network;
  const auto outcome = network.import(row.text, {}, row.host);
  CAPTURE(row.text, row.host, outcome.output);
  CHECK(outcome.status == 1);
  CHECK_THAT(outcome.output, Catch::Contains(row.reason));
  CHECK(network.states() == kBefore);
}
