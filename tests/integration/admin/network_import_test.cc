#include <sys/stat.h>

#include <algorithm>

#include <catch2/catch.hpp>

#include "common/base/file.h"
#include "tests/support/mrt.h"
#include "tests/support/program.h"
#include "tests/support/scratch_catalog.h"

using namespace mirrorway;
using tests::Outcome;
using tests::run_program;
using tests::ScratchCatalog;

namespace {

struct Imports : ScratchCatalog {
  Outcome import(const std::string& what, std::vector<std::string> words) const {
    words.insert(words.begin(), {"--catalog", url(), "import", what});
    return run_program("admin/mirror_admin", words);
  }
  std::string file(const std::string& name, const std::string& bytes) const {
    return folder().write(name, bytes);
  }
  // A program that takes bgpdump's place.
  std::string script(const std::string& text) const {
    std::string path = folder().write("script", "#!/bin/sh\n" + text + "\n");
    REQUIRE(::chmod(path.c_str(), 0755) == 0);
    return path;
  }
  std::vector<std::string> asns() const {
    std::vector<std::string> blocks = query("SELECT prefixes FROM asn_block ORDER BY block");
    for (std::string& block : blocks) std::replace(block.begin(), block.end(), '\n', ';');
    return blocks;
  }
};

bool has_bgpdump() {
  const bool is_there = std::system("command -v bgpdump >/dev/null") == 0;  // NOLINT
  if (!is_there) WARN("bgpdump is not installed: routing tables are not read here");
  return is_there;
}

// Refused by one line that holds `reason`, and the catalog is as it was.
void check_refused(const Imports& catalog, const std::string& what,
                   const std::vector<std::string>& words, const std::string& reason,
                   int status = 1) {
  const std::string before = catalog.dump();
  const Outcome outcome = catalog.import(what, words);
  CAPTURE(words, outcome.output);
  CHECK(outcome.status == status);
  CHECK_THAT(outcome.output, Catch::StartsWith("mirror_admin: ") && Catch::Contains(reason));
  CHECK(std::count(outcome.output.begin(), outcome.output.end(), '\n') == 1);
  CHECK((catalog.dump() == before));
}

}  // namespace

// What is about files alone is tried with one engine: [sqlite].

TEST_CASE("AS numbers are imported from text, and once more without a change") {
  const Imports catalog;
  const std::string first =
      catalog.file("first",
                   "# a comment\n11.0.0.0/8 64496\n\n11.1.0.0/16\t64497\r\n0.0.0.0/0 1\n"
                   "2600:1::/32 64498\n11.2.0.0/16 0\n2600:1::/65 3\n");
  const Outcome outcome = catalog.import("asn", {first});
  CHECK(outcome.status == 0);
  CHECK(outcome.output ==
        "6 entries read, 2 IPv4 and 1 IPv6 prefixes with ASN (before: 0 IPv4 and 0 IPv6); 3 "
        "prefixes left out: default routes, unknown AS, longer than IPv6 /64\n");
  CHECK(catalog.asns() ==
        std::vector<std::string>{"11.0.0.0/8 64496;11.1.0.0/16 64497;", "2600:1::/32 64498;"});
  const std::string before = catalog.dump();
  CHECK_THAT(catalog.import("asn", {first}).output, Catch::EndsWith("had it so already\n"));
  CHECK((catalog.dump() == before));
}

TEST_CASE("a dry run changes nothing, and a second file adds to the first") {
  const Imports catalog;
  const std::string one = catalog.file("one", "11.0.0.0/8 1\n");
  const std::string two = catalog.file("two", "12.0.0.0/8 2\n");
  const std::string before = catalog.dump();
  CHECK_THAT(catalog.import("asn", {one, two, "--dry-run"}).output,
             Catch::Contains("2 IPv4") && Catch::EndsWith("dry run: nothing was changed\n"));
  CHECK((catalog.dump() == before));
  CHECK(catalog.import("asn", {one, two}).status == 0);
  CHECK(catalog.asns().size() == 2);
}

TEST_CASE("a source that is empty, damaged or cut short leaves the old table", "[sqlite]") {
  struct Row {
    const char* text;
    const char* reason;
  };
  const std::vector<Row> rows{
      {"", "source: no network is in it"},
      {"# nothing\n", "source: no network is in it"},
      {"11.0.0.0/8 1\n11.1.0.0/16 2", "source:2: the last line has no end"},
      {"11.0.0.0/8 1\n<html>\n", "source:2: \"<html>\" is no IPv4 or IPv6 address"},
      {"11.0.0.0/8 1\n11.0.0.1/8 1\n", "source:2: \"11.0.0.1/8\" has bits set"},
      {"0.0.0.0/0 1\n", "source: no AS is told of any network"},
      {"11.0.0.0/8\n", "source: no AS is told"},
  };
  const Imports catalog;
  REQUIRE(catalog.import("asn", {catalog.file("good", "11.0.0.0/8 5\n")}).status == 0);
  for (const Row& row : rows)
    check_refused(catalog, "asn", {catalog.file("source", row.text)}, row.reason);
  check_refused(catalog, "asn", {"/nowhere"}, "opening /nowhere: No such file");
  check_refused(catalog, "asn", {"/dev/zero"}, "reading /dev/zero: not a regular file");
  check_refused(catalog, "asn", {catalog.file("long", std::string(100'000, '1') + "\n")},
                "long:1: a line of more than 65536 bytes");
}

TEST_CASE("so many bad lines may pass as are allowed", "[sqlite]") {
  const Imports catalog;
  const std::string source = catalog.file("source", "11.0.0.0/8 1\nx\ny\n");
  check_refused(catalog, "asn", {source, "--max-bad-lines", "1"}, "source:3: ");
  const Outcome outcome = catalog.import("asn", {source, "--max-bad-lines", "2"});
  CHECK(outcome.status == 0);
  CHECK_THAT(outcome.output, Catch::StartsWith("2 bad lines left out\n"));
}

TEST_CASE("a table that lost suspiciously much is refused, each family for itself") {
  const Imports catalog;
  std::string ten;
  for (int i = 0; i < 10; ++i) ten += fmt::format("11.{}.0.0/16 1\n", i);
  const std::string two = "2600:1::/32 1\n2600:2::/32 1\n";
  REQUIRE(catalog.import("asn", {catalog.file("all", ten + two)}).status == 0);
  check_refused(catalog, "asn", {catalog.file("ipv4", ten)},
                "nothing was changed: 0 IPv6 prefixes with ASN would take the place of 2, more "
                "than 20% fewer; if that is right, say --max-loss 100%");
  const std::string seven = catalog.file("seven", ten.substr(0, std::size_t{7} * 14) + two);
  check_refused(catalog, "asn", {seven}, "7 IPv4 prefixes with ASN would take the place of 10");
  CHECK(catalog.import("asn", {seven, "--max-loss", "30%"}).status == 0);
  CHECK(catalog.import("asn", {catalog.file("six", ten.substr(0, std::size_t{6} * 14) + two)})
            .status == 0);
  check_refused(catalog, "asn", {seven, "--max-loss", "x"}, "no share from 0% to 100%", 2);
}

TEST_CASE("routing tables are read by bgpdump, compressed or not, and voted upon") {
  if (!has_bgpdump()) return;
  const Imports catalog;
  const tests::Mrt dump =
      tests::Mrt()
          .route("0.0.0.0/0", {{64496}})
          .route("11.0.0.0/8", {{64496, 64500}, {64497, 64500}})
          .route("11.1.0.0/16", {{64496, 64502}, {64497, 64501}, {64499, 64501}})
          .route("11.3.0.0/16", {{}})
          .route("2600:1::/32", {{64496, 4'200'000'000}});
  const Outcome outcome = catalog.import("asn", {catalog.file("rib.mrt", dump.bytes())});
  CAPTURE(outcome.output);
  CHECK(outcome.status == 0);
  CHECK_THAT(outcome.output, Catch::StartsWith("8 entries read, 2 IPv4 and 1 IPv6"));
  const std::vector<std::string> expected{"11.0.0.0/8 64500;11.1.0.0/16 64501;",
                                          "2600:1::/32 4200000000;"};
  CHECK(catalog.asns() == expected);
  const std::string generation = catalog.query("SELECT generation FROM catalog_state").front();
  // Beside it a list of one's own.
  catalog.file("again.mrt", dump.bytes());
  const std::string folder = catalog.folder().path().string();
  REQUIRE(std::system(("gzip '" + folder + "/again.mrt'").c_str()) == 0);  // NOLINT
  const std::string own = catalog.file("own", "2600:9::/32 7\n");
  CHECK(catalog.import("asn", {folder + "/again.mrt.gz", own}).status == 0);
  CHECK(catalog.asns() == std::vector<std::string>{"11.0.0.0/8 64500;11.1.0.0/16 64501;",
                                                   "2600:1::/32 4200000000;2600:9::/32 7;"});
  CHECK(catalog.query("SELECT generation FROM catalog_state").front() != generation);
}

TEST_CASE("a routing table that is damaged leaves the old one", "[sqlite]") {
  if (!has_bgpdump()) return;
  const Imports catalog;
  tests::Mrt dump;
  for (int i = 0; i < 200; ++i) dump.route(fmt::format("11.{}.0.0/16", i), {{64496, 64500}});
  const std::string good = dump.bytes();
  REQUIRE(catalog.import("asn", {catalog.file("good.mrt", good)}).status == 0);
  check_refused(catalog, "asn", {catalog.file("cut.mrt", good.substr(0, good.size() - 20))},
                "cut.mrt: bgpdump cannot read it to its end");
  check_refused(catalog, "asn", {catalog.file("half.mrt", good.substr(0, good.size() / 2))}, "");
  check_refused(catalog, "asn", {catalog.file("x.bz2", "BZh9 but nothing that follows")},
                "x.bz2: bzip2 cannot unpack it: ");
  check_refused(catalog, "asn", {catalog.file("x.gz", "\x1F\x8B\x08 and nothing more")},
                "x.gz: gzip cannot unpack it: ");
}

TEST_CASE("a compressed routing table is taken whole or not at all, whatever it is called",
          "[sqlite]") {
  if (!has_bgpdump()) return;
  const Imports catalog;
  tests::Mrt dump;
  for (int i = 0; i < 20'000; ++i)
    dump.route(fmt::format("11.{}.{}.0/24", i / 256, i % 256), {{64496, 64500}});
  catalog.file("plain", dump.bytes());
  const std::string folder = catalog.folder().path().string();
  for (const std::string unpacker : {"gzip", "bzip2"}) {
    CAPTURE(unpacker);
    const auto pack = fmt::format("{0} -c '{1}/plain' > '{1}/packed'", unpacker, folder);
    REQUIRE(std::system(pack.c_str()) == 0);  // NOLINT
    const Outcome outcome = catalog.import("asn", {folder + "/packed"});
    CAPTURE(outcome.output);
    CHECK(outcome.status == 0);
    const std::string packed = base::read_file(folder + "/packed", 1 << 20);
    for (const std::size_t tenths : {1U, 5U, 9U})
      check_refused(catalog, "asn",
                    {catalog.file("cut", packed.substr(0, packed.size() * tenths / 10))},
                    "is the file complete?");
    std::string damaged = packed;
    damaged[damaged.size() / 2] = static_cast<char>(~damaged[damaged.size() / 2]);
    check_refused(catalog, "asn", {catalog.file("damaged", damaged)}, "damaged:");
  }
}

TEST_CASE("bgpdump is believed as little as the file", "[sqlite]") {
  struct Row {
    const char* script;
    const char* reason;
  };
  const std::vector<Row> rows{
      {"exit 0", "no network is in it"},
      {"exit 3", "bgpdump cannot read it to its end"},
      {"echo 'TABLE_DUMP2|1|B|a|1|11.0.0.0/8|1|IGP|'; kill -SEGV $$",
       "broke down on it (signal 11)"},
      {"echo 'TABLE_DUMP2|1|B|a|1|11.0.0.0/8|1|IGP|'; echo 'now [error] oh no' >&2",
       "cannot read it to its end: oh no; is the file complete"},
      {"echo 'TABLE_DUMP2|1|B|a|1|x|1|IGP|'", "rib:1: \"x\" is no IPv4"},
      {"printf 'BGP4MP|1|A\\033\\n'", "rib:1: \"BGP4MP|1|A\\x1b\" is no entry of a routing table"},
      {"head -c 100000 /dev/zero", "rib:1: a line of more than 65536 bytes"},
      {"yes '[warn] odd' | head -n 5000 >&2; echo '[error] cut off' >&2", "to its end: cut off"},
      {"yes complaint >&2", "rib: bgpdump has more than 16 MiB of messages: complaint"},
  };
  const Imports catalog;
  REQUIRE(catalog.import("asn", {catalog.file("good", "11.0.0.0/8 5\n")}).status == 0);
  const std::string rib = catalog.file("rib", std::string("\0\0\0\1\0\x0D\0\1\0\0\0\0", 12));
  for (const Row& row : rows)
    check_refused(catalog, "asn", {rib, "--bgpdump", catalog.script(row.script)}, row.reason);
  check_refused(catalog, "asn", {rib, "--bgpdump", "no-such-program"},
                "does not start: No such file or directory; install it, or say where it is");
  const std::string warns = catalog.script(
      "yes 'some time [warn] odd' | head -n 50000 >&2; echo "
      "'TABLE_DUMP2|1|B|a|1|11.0.0.0/8|1|IGP|'");
  CHECK(catalog.import("asn", {rib, "--bgpdump", warns}).status == 0);
}

TEST_CASE("research networks are a list, or what a routing table reaches through an AS") {
  const Imports catalog;
  CHECK(catalog.import("research", {catalog.file("list", "11.1.0.0/16\n2600:1::/32\n0.0.0.0/0\n")})
            .output ==
        "3 entries read, 1 IPv4 and 1 IPv6 research networks (before: 0 IPv4 and 0 "
        "IPv6)\n");
  check_refused(catalog, "research", {catalog.file("other", "11.1.0.0/16\n")},
                "0 IPv6 research networks would take the place of 1");
  check_refused(catalog, "research", {catalog.file("zero", "::/0\n")},
                "zero: no research network is in it");
  if (!has_bgpdump()) return;
  const tests::Mrt dump = tests::Mrt()
                              .route("11.2.0.0/16", {{64496, 11537, 64500}, {64497, 64500}})
                              .route("11.3.0.0/16", {{64496, 64500}})
                              .route("2600:2::/32", {{11537}});
  const std::string rib = catalog.file("rib.mrt", dump.bytes());
  CHECK(catalog.import("research", {rib, "--through", "11537,20965"}).status == 0);
  CHECK(catalog.query("SELECT netblock FROM research_netblock ORDER BY 1") ==
        std::vector<std::string>{"11.2.0.0/16", "2600:2::/32"});
  check_refused(catalog, "research", {rib, "--through", "20965"}, "reached through those AS");
  check_refused(catalog, "research", {rib, "--through", "x"}, "no whole number", 2);
}

TEST_CASE("a cloud's ranges follow its file, and a host's region does not go unnoticed") {
  const Imports catalog;
  const auto file = [&](const char* ranges) {
    return catalog.file("gcp.json", std::string("{\"prefixes\": [") + ranges + "]}");
  };
  const char* const both = R"({"ipv4Prefix": "11.1.0.0/20", "scope": "a"},
                              {"ipv4Prefix": "11.2.0.0/20", "scope": "b"})";
  CHECK(catalog.import("cloud", {"gcp", file(both)}).output ==
        "2 IPv4 and 0 IPv6 ranges in 2 regions of gcp (before: 0 IPv4 and 0 IPv6)\n");
  CHECK_THAT(catalog.import("cloud", {"gcp", file(both)}).output,
             Catch::EndsWith("had it so already\n"));
  REQUIRE(catalog
              .run("INSERT INTO site (id, name) VALUES (1, 's');"
                   "INSERT INTO host (id, site_id, name) VALUES (1, 1, 'h');"
                   "INSERT INTO host_cloud VALUES (1, 'gcp', 'b')")
              .empty());
  const char* const without_b = R"({"ipv4Prefix": "11.1.0.0/20", "scope": "a"},
                                   {"ipv4Prefix": "11.3.0.0/20", "scope": "c"})";
  check_refused(catalog, "cloud", {"gcp", file(without_b)},
                "0 ranges of gcp:b, where host h stands, would take the place of 1");
  check_refused(catalog, "cloud", {"gcp", file("")}, "gcp.json: no range is in it");
  check_refused(catalog, "cloud", {"aws", file(both)}, "prefixes[0].ip_prefix is no string");
  check_refused(catalog, "cloud", {"gcp", catalog.file("cut.json", "{\"prefixes\": [{\"ipv4")},
                "cut.json: no JSON");
  const Outcome meant = catalog.import("cloud", {"gcp", file(without_b), "--max-loss", "100%"});
  CHECK(meant.status == 0);
  CHECK_THAT(meant.output,
             Catch::Contains("remark: host h: gcp:b is no region of gcp; it has a, c\n"));
  CHECK(catalog.import("cloud", {"moon", file(both)}).status == 2);
}

TEST_CASE("a cloud's ranges where another host has a netblock are told when they come") {
  const Imports catalog;
  REQUIRE(catalog
              .run("INSERT INTO site (id, name) VALUES (1, 's');"
                   "INSERT INTO host (id, site_id, name) VALUES (1, 1, 'h'), (2, 1, 'other');"
                   "INSERT INTO host_cloud VALUES (1, 'gcp', 'a');"
                   "INSERT INTO host_netblock (host_id, netblock) VALUES (2, '11.1.1.0/24')")
              .empty());
  const std::string file =
      catalog.file("gcp.json", R"({"prefixes": [{"ipv4Prefix": "11.1.0.0/20", "scope": "a"}]})");
  CHECK_THAT(catalog.import("cloud", {"gcp", file}).output,
             Catch::Contains("remark: netblock 11.1.1.0/24 of other lies in 11.1.0.0/20 of h's "
                             "cloud: its clients get other first\n"));
  CHECK_THAT(catalog.import("cloud", {"gcp", file}).output, !Catch::Contains("remark"));
}

TEST_CASE("continents come from a table, the operator's word stays") {
  const Imports catalog;
  std::string table = "country,continent\n";
  for (const std::string& row : catalog.query("SELECT code || ',' || continent FROM country"))
    table += row + "\n";
  CHECK_THAT(catalog.import("continents", {catalog.file("csv", table)}).output,
             Catch::StartsWith("250 countries read") && Catch::EndsWith("so already\n"));
  REQUIRE(catalog.run("INSERT INTO country_continent_override VALUES ('TR', 'EU')").empty());
  table.replace(table.find("TR,AS"), 5, "TR,AF");
  CHECK(catalog.import("continents", {catalog.file("csv", table + "ZZ,AN\n")}).status == 0);
  CHECK(catalog.query("SELECT c.continent, o.continent FROM country c JOIN "
                      "country_continent_override o ON o.country = c.code") ==
        std::vector<std::string>{"AF|EU"});
  check_refused(catalog, "continents", {catalog.file("few", "DE,EU\n")},
                "1 countries would take the place of 251");
  check_refused(catalog, "continents", {catalog.file("bad", "DE,EU\nFR\n")}, "bad:2: \"FR\"");
}
