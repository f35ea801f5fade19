#include "admin/inventory/import.h"

#include <catch2/catch.hpp>

#include "common/base/file.h"
#include "tests/support/paths.h"
#include "tests/support/program.h"
#include "tests/support/scratch_catalog.h"

using namespace mirrorway;
using namespace mirrorway::admin;
using tests::ScratchCatalog;

namespace {

constexpr const char* kRepositories = R"({
  "required_protocols": ["http", "https"], "versions": ["9", "9.8"],
  "duplicated_versions": {"9": "9.8"}, "vault_versions": ["9.7"],
  "vault_mirror": "http://vault.example/", "optional_module_versions": {"next": ["9"]},
  "arches": {"9": ["x86_64"]},
  "repos": [{"name": "core", "path": "core/$basearch/", "versions": null, "arches": null, "vault": false}]})";

constexpr const char* kMirrors =
    R"({"name": "a", "site": "A", "country": "DE", "city": "Bonn", "urls": {"http": "http://a/"}, "asn": 680}
{"name": "b", "site": "B", "country": null, "urls": {"https": "https://b"}, "modules": {"next": {"http": "http://b/next"}}}
{"name": "p", "site": "B", "urls": {"https": "https://p"}, "private": true}
)";

ImportReport import(const ScratchCatalog& catalog, const std::string& mirrors,
                    const std::string& repositories = kRepositories,
                    bool allows_any_netblocks = false) {
  const auto file = parse_repositories_file(repositories).or_throw("repositories");
  catalog::CatalogWriter writer(catalog.url(), [] { return std::int64_t{2'000'000}; });
  auto report = import_inventory(writer, {mirrors, file, "linux", "", allows_any_netblocks});
  writer.commit();
  return report;
}

constexpr const char* kStates =
    "SELECT d.path, h.name, x.is_up_to_date FROM host_category_directory x "
    "JOIN directory d ON d.id = x.directory_id JOIN host_category c ON c.id = x.host_category_id "
    "JOIN host h ON h.id = c.host_id WHERE d.path NOT LIKE '%repodata' ORDER BY 1, 2";

std::string shared_data(const std::string& name) {
  return tests::in_source("../shared/data/" + name);
}

}  // namespace

TEST_CASE("an import fills the catalog") {
  const ScratchCatalog catalog;
  const ImportReport report = import(catalog, kMirrors);
  CHECK(report.read == 3);
  CHECK(report.refused.empty());
  CHECK(report.never_answered == std::vector<std::string>{"p"});
  CHECK(report.without_country == 2);
  CHECK(catalog.query("SELECT name, top_directory FROM category ORDER BY 1") ==
        std::vector<std::string>{"linux|linux", "linux-next|linux-next"});
  CHECK(catalog.query("SELECT name, architecture FROM repository ORDER BY 1") ==
        std::vector<std::string>{"core-9-next|x86_64", "core-9.7|x86_64", "core-9.8|x86_64"});
  CHECK(catalog.query("SELECT * FROM repository_redirect") ==
        std::vector<std::string>{"core-9|core-9.8"});
  CHECK(catalog.query(kStates) ==
        std::vector<std::string>{
            "linux-next/9-next/core/x86_64|b|1", "linux/9.7/core/x86_64|vault.example|1",
            "linux/9.8/core/x86_64|a|1", "linux/9.8/core/x86_64|b|1", "linux/9.8/core/x86_64|p|1"});
}

TEST_CASE("importing the same again changes nothing at all") {
  const ScratchCatalog catalog;
  import(catalog, kMirrors);
  const std::string before = catalog.dump();
  const ImportReport again = import(catalog, kMirrors);
  CHECK(catalog.dump() == before);
  CHECK(again.hosts.unchanged == 4);
  CHECK(again.directories.unchanged == 6);
  CHECK(again.hosts.added + again.hosts.updated + again.sites.added + again.sites.updated == 0);
}

TEST_CASE("what a file states replaces, what it does not state stays") {
  const ScratchCatalog catalog;
  import(catalog, kMirrors);
  REQUIRE(catalog
              .run("UPDATE host SET bandwidth_mbps = 5, is_active = 0, country = 'FR', "
                   "is_private = 1, is_monopoly = 1 WHERE name IN ('a', 'b');"
                   "UPDATE host SET is_private = 1 WHERE name = 'vault.example';"
                   "INSERT INTO host_netblock SELECT id, '11.2.2.0/24' FROM host")
              .empty());
  const ImportReport report = import(
      catalog, R"({"name": "a", "site": "Other", "country": "DE", "urls": {"http": "http://a/new"},
                   "asn": [1, 2]})"
               "\n"
               R"({"name": "b", "site": "B", "urls": {"https": "https://b"}})");
  CHECK(report.refused.size() == 2);  // the first object is spread over two lines
  const ImportReport second = import(
      catalog,
      R"({"name": "a", "site": "Other", "country": "DE", "urls": {"http": "http://a/new"}, "asn": [1, 2]})"
      "\n"
      R"({"name": "b", "site": "B", "urls": {"https": "https://b"}})");
  CHECK(second.hosts.updated == 1);
  CHECK(second.kept_hosts == std::vector<std::string>{"p"});
  CHECK(second.never_answered.empty());
  CHECK(catalog.query("SELECT h.name, s.name, country, city, bandwidth_mbps, h.is_active, "
                      "h.is_private, h.is_monopoly FROM host h "
                      "JOIN site s ON s.id = site_id WHERE h.name IN ('a', 'b') ORDER BY 1") ==
        std::vector<std::string>{"a|Other|DE|Bonn|5|0|1|1", "b|B|FR||5|0|1|1"});
  CHECK(catalog.query("SELECT is_private FROM host WHERE name = 'vault.example'") ==
        std::vector<std::string>{"1"});
  CHECK(catalog.query("SELECT asn FROM host_asn") == std::vector<std::string>{"1", "2"});
  CHECK(catalog.query("SELECT count(*) FROM host_netblock") == std::vector<std::string>{"4"});
  CHECK(catalog.query("SELECT url FROM host_category_url WHERE url LIKE '%/a%'") ==
        std::vector<std::string>{"http://a/new"});
}

TEST_CASE("a site's page is that of the first line which states one, each time") {
  const ScratchCatalog catalog;
  const auto import_page = [&](const std::string& page) {
    import(
        catalog,
        R"({"name": "a", "site": "S", "urls": {"http": "http://a"}})"
        "\n"
        R"({"name": "b", "site": "S", "urls": {"http": "http://b"}, "sponsor_url": ")" +
            page + "\"}\n" +
            R"({"name": "c", "site": "S", "urls": {"http": "http://c"}, "sponsor_url": "http://x"})");
    return catalog.query("SELECT url FROM site WHERE name = 'S'");
  };
  CHECK(import_page("http://old") == std::vector<std::string>{"http://old"});
  CHECK(import_page("http://new") == std::vector<std::string>{"http://new"});
  // One that the table would refuse, so that no mirror was imported.
  CHECK(import_page("http://") == std::vector<std::string>{"http://x"});
}

TEST_CASE(
    "large and reserved netblocks are left out until an administrator lets them in, for good") {
  const ScratchCatalog catalog;
  const std::string mirrors =
      R"({"name": "a", "site": "A", "urls": {"http": "http://a"}, "subnets": ["10.1.0.0/16", "11.1.0.0/16"]}
{"name": "b", "site": "B", "urls": {"http": "http://b"}, "subnets": ["11.1.2.0/24", "12.0.0.0/8"]}
)";
  const auto netblocks = [&] {
    return catalog.query(
        "SELECT h.name, n.netblock FROM host_netblock n JOIN host h "
        "ON h.id = n.host_id ORDER BY 1, 2");
  };
  const ImportReport report = import(catalog, mirrors);
  CHECK(netblocks() == std::vector<std::string>{"a|11.1.0.0/16", "b|11.1.2.0/24"});
  REQUIRE(report.remarks.size() == 2);
  CHECK(report.remarks[0].line == 1);
  CHECK_THAT(report.remarks[0].text,
             Catch::StartsWith("a: netblock 10.1.0.0/16 is private (RFC 1918) and left out"));
  CHECK_THAT(report.remarks[1].text, Catch::Contains("12.0.0.0/8 is larger than /16"));
  CHECK(report.network_remarks ==
        std::vector<std::string>{
            "netblock 11.1.2.0/24 of b lies in 11.1.0.0/16 of a: its clients get b first"});

  // The word given by hand for one host.
  REQUIRE(catalog.run("UPDATE host SET any_netblocks = 1 WHERE name = 'b'").empty());
  CHECK(import(catalog, mirrors).remarks.size() == 1);
  CHECK(netblocks().size() == 3);
  // The word given for the whole file; the next import needs no word, and changes nothing.
  CHECK(import(catalog, mirrors, kRepositories, true).remarks.empty());
  CHECK(netblocks().size() == 4);
  const std::string before = catalog.dump();
  CHECK(import(catalog, mirrors).remarks.empty());
  CHECK(catalog.dump() == before);
}

TEST_CASE("a line ties its host to regions of a cloud") {
  const ScratchCatalog catalog;
  const auto line = [](const char* cloud) {
    return std::string(
               R"({"name": "a", "site": "A", "urls": {"http": "http://a"}, "private": true)") +
           cloud + "}\n";
  };
  const auto clouds = [&] {
    return catalog.query("SELECT provider, region FROM host_cloud ORDER BY 2");
  };
  const auto first =
      import(catalog,
             line(R"(, "cloud_type": "AWS", "cloud_regions": ["eu-west-1", "EU-Central-1", "?"])"));
  CHECK(clouds() == std::vector<std::string>{"aws|eu-central-1", "aws|eu-west-1"});
  REQUIRE(first.remarks.size() == 1);
  CHECK_THAT(first.remarks.front().text, Catch::Contains("cloud left out"));
  CHECK(first.never_answered.empty());
  CHECK(first.network_remarks.size() == 2);
  // Not stated, or not to be understood: it stays.
  CHECK(import(catalog, line("")).remarks.empty());
  CHECK(import(catalog, line(R"(, "cloud_type": "aws")")).remarks.size() == 1);
  CHECK(import(catalog, line(R"(, "cloud_type": "moon", "cloud_regions": ["a"])")).remarks.size() ==
        1);
  CHECK(clouds().size() == 2);
  import(catalog, line(R"(, "cloud_type": "gcp", "cloud_regions": ["all"])"));
  CHECK(clouds() == std::vector<std::string>{"gcp|all"});
}

TEST_CASE("what a crawler found survives an import") {
  const ScratchCatalog catalog;
  import(catalog, kMirrors);
  REQUIRE(catalog.run("UPDATE host_category_directory SET is_up_to_date = 0").empty());
  import(catalog, kMirrors);
  CHECK(catalog.query("SELECT count(*) FROM host_category_directory WHERE is_up_to_date = 1") ==
        std::vector<std::string>{"0"});
}

TEST_CASE("a version that moves to the vault is taken from the mirrors") {
  const ScratchCatalog catalog;
  import(catalog, kMirrors);
  std::string later = kRepositories;
  later.replace(later.find(R"("9", "9.8"])"), 11, R"("9", "9.9"])");
  later.replace(later.find(R"("9": "9.8")"), 10, R"("9": "9.9")");
  later.replace(later.find(R"(["9.7"])"), 7, R"(["9.7", "9.8"])");
  const ImportReport report = import(catalog, kMirrors, later);
  CHECK(report.redirects.updated == 1);
  CHECK(catalog.query(kStates)[2] == "linux/9.8/core/x86_64|vault.example|1");
  CHECK(catalog.query(kStates)[3] == "linux/9.9/core/x86_64|a|1");
}

TEST_CASE("one host under a name that two sites have is not guessed") {
  const ScratchCatalog catalog;
  REQUIRE(catalog
              .run("INSERT INTO site (id, name) VALUES (1, 'A'), (2, 'B');"
                   "INSERT INTO host (site_id, name) VALUES (1, 'a'), (2, 'a')")
              .empty());
  const ImportReport report = import(catalog, kMirrors);
  REQUIRE(report.refused.size() == 1);
  CHECK_THAT(report.refused[0].text, Catch::Contains("several sites"));
}

TEST_CASE("another top directory than the catalog's stops the import") {
  const ScratchCatalog catalog;
  import(catalog, kMirrors);
  const auto file = *parse_repositories_file(kRepositories);
  catalog::CatalogWriter writer(catalog.url());
  CHECK_THROWS_WITH(import_inventory(writer, {kMirrors, file, "linux", "pub/linux"}),
                    Catch::Contains("category linux has the top directory linux"));
  CHECK_THROWS_WITH(import_inventory(writer, {kMirrors, file, "linux", "a/../b"}),
                    Catch::StartsWith("--top-directory: "));
}

TEST_CASE("the command reports every bad line, keeps the good ones, and can refuse or only try") {
  const ScratchCatalog catalog;
  const std::string mirrors = catalog.folder().write(
      "linux-mirrors.jsonl",
      "not json\n\n"
      R"({"name": "a", "site": "A", "urls": {"http": "http://a"}})"
      "\r\n"
      R"({"name": "a", "site": "A", "urls": {"http": "http://a"}})"
      "\n"
      R"({"name": "r", "site": "A", "urls": {"rsync": "rsync://r/x"}})"
      "\n"
      R"({"name": "k", "site": "A", "country": "UK", "urls": {"http": "http://k", "ftp": "k"}})");
  const std::string repositories = catalog.folder().write("repos.json", kRepositories);
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"--catalog", catalog.url(), "import", "inventory", mirrors,
                                 "--repositories", repositories});
    return tests::run_program("admin/mirror_admin", words);
  };
  const std::string before = catalog.dump();

  const auto strict = run({"--strict"});
  CHECK(strict.status == 1);
  CHECK_THAT(strict.output, Catch::Contains("nothing was imported"));
  CHECK(catalog.dump() == before);

  const auto tried = run({"--dry-run"});
  CHECK(tried.status == 0);
  CHECK_THAT(tried.output, Catch::Contains("dry run: nothing was changed"));
  CHECK(catalog.dump() == before);

  const auto done = run({});
  CHECK(done.status == 0);
  for (const char* line :
       {"5 mirrors read, 2 kept, 3 refused", "linux-mirrors.jsonl:1: refused: no JSON",
        "linux-mirrors.jsonl:4: refused: mirror a is on line 3 already",
        "linux-mirrors.jsonl:5: refused: mirror r has no URL in a required protocol (http, https)",
        "linux-mirrors.jsonl:6: remark: k: country \"UK\" is unknown",
        "linux-mirrors.jsonl:6: remark: k: URL left out"})
    CHECK_THAT(done.output, Catch::Contains(line));
  CHECK(catalog.query("SELECT name FROM category WHERE name = 'linux'").size() == 1);
}

TEST_CASE("the real network of a distribution is imported whole, and twice the same", "[sqlite]") {
  const std::string mirrors = shared_data("almalinux-mirrors.jsonl");
  if (!std::filesystem::exists(mirrors)) {
    WARN("no " << mirrors << ": not tested");
    return;
  }
  const ScratchCatalog catalog;
  const std::string inventory = base::read_file(mirrors, kMaxInventoryFileBytes);
  const std::string repositories =
      base::read_file(shared_data("almalinux-repos.json"), kMaxRepositoriesFileBytes);
  const ImportReport report = import(catalog, inventory, repositories);
  CHECK(report.read == 530);
  CHECK(report.kept() == 530);
  CHECK(report.hosts.added == 531);  // and the vault
  CHECK(report.without_country == 81);
  // 21 state neither; the networks of two more were left out of the file.
  CHECK(report.never_answered.size() == 23);
  CHECK(report.plan_remarks.empty());
  CHECK(catalog.query("SELECT count(*) FROM host_category c JOIN category g ON g.id = category_id "
                      "WHERE g.name = 'linux-kitten'") == std::vector<std::string>{"49"});
  CHECK(catalog.query("SELECT to_name FROM repository_redirect WHERE from_name = 'baseos-9'") ==
        std::vector<std::string>{"baseos-9.8"});
  const std::string before = catalog.dump();
  import(catalog, inventory, repositories);
  CHECK(catalog.dump() == before);
}
