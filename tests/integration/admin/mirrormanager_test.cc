// Moving in from a MirrorManager 2 database, a real one.
#include <set>

#include <catch2/catch.hpp>

#include "admin/mirrormanager/import.h"
#include "common/base/file.h"
#include "tests/support/paths.h"
#include "tests/support/program.h"
#include "tests/support/scratch_catalog.h"

using namespace mirrorway;
using namespace mirrorway::admin;
using tests::run_program;
using tests::ScratchCatalog;
using tests::ScratchDatabase;

namespace {

struct Source {
  Source() {
    const std::string sql =
        base::read_file(tests::in_source("tests/fixtures/mirrormanager.sql"), 1 << 20);
    REQUIRE(database->run(sql).empty());
  }
  std::unique_ptr<ScratchDatabase> database =
      ScratchDatabase::make(catalog::EngineKind::kPostgresql);
};

MirrormanagerReport import(const ScratchCatalog& catalog, const Source& source,
                           const Resolver& resolve = Resolver(),
                           const MirrormanagerProgress& progress = {}) {
  const catalog::mirrormanager::Reader reader(source.database->url());
  catalog::CatalogWriter writer(catalog.url(), [] { return std::int64_t{2'000'000}; });
  auto report = import_mirrormanager(writer, reader, resolve, progress);
  writer.commit();
  return report;
}

using Rows = std::vector<std::string>;

}  // namespace

TEST_CASE("a MirrorManager database becomes a catalog, and what does not fit is told",
          "[postgresql]") {
  const Source source;
  const ScratchCatalog catalog;
  std::set<std::string, std::less<>> told;
  const auto report =
      import(catalog, source, {}, [&](std::string_view what, std::size_t done, std::size_t total) {
        CHECK(done < total);
        told.emplace(what);
      });
  CHECK(told == std::set<std::string, std::less<>>{"moving hosts", "moving directories",
                                                   "moving states of directories", "moving files"});

  CHECK(catalog.query("SELECT name, url, is_private FROM site ORDER BY id") ==
        Rows{"Example|https://www.example|0", "Own site||1", "Example #3||0"});
  CHECK(catalog.query("SELECT name, is_active, country, bandwidth_mbps, asn, serves_own_asn, "
                      "is_research, latitude, comment FROM host ORDER BY name") ==
        Rows{"m1.example|1|DE|100|680|1|1|50.9375|two lines",
             "m2.example|1|US|100000|NULL|0|0|NULL|", "m3.example|1|AT|10|NULL|1|0|NULL|",
             "m4.example|0|NULL|10|NULL|1|0|NULL|", "m6.example|1|FR|10|NULL|1|0|NULL|"});
  CHECK(catalog.query("SELECT netblock FROM host_netblock ORDER BY 1") ==
        Rows{"11.0.0.0/24", "11.0.1.0/24", "11.0.2.9/32", "2a00:1450::/32"});
  CHECK(catalog.query("SELECT asn FROM host_asn ORDER BY 1") == Rows{"680", "3320"});
  CHECK(catalog.query("SELECT country FROM host_allowed_country") == Rows{"FR"});
  CHECK(catalog.query("SELECT name, top_directory FROM category ORDER BY name") ==
        Rows{"EPEL|pub/epel", "Extra|pub/linux/extra", "Linux|pub/linux"});
  CHECK(catalog.query("SELECT url FROM host_category_url ORDER BY url") ==
        Rows{"http://m1.example/linux", "https://m2.example/linux", "https://m3.example/linux",
             "https://m4.example/linux", "https://m6.example/linux"});
  CHECK(catalog.query("SELECT d.path, c.name FROM directory d JOIN category c "
                      "ON c.id = d.category_id WHERE c.name <> 'Linux' ORDER BY 1") ==
        Rows{"pub/epel|EPEL", "pub/linux/extra|Extra", "pub/linux/extra/9|Extra"});
  CHECK(catalog.query("SELECT h.name, d.path, x.is_up_to_date FROM host_category_directory x "
                      "JOIN host_category c ON c.id = x.host_category_id "
                      "JOIN host h ON h.id = c.host_id JOIN directory d ON d.id = x.directory_id "
                      "ORDER BY 1, 2") ==
        Rows{"m1.example|pub/linux/8|0", "m1.example|pub/linux/9|1",
             "m1.example|pub/linux/9/repodata|1", "m3.example|pub/linux/9|1",
             "m6.example|pub/linux/9|1", "m6.example|pub/linux/9/repodata|1"});
  CHECK(catalog.query("SELECT name, architecture, is_disabled FROM repository ORDER BY name") ==
        Rows{"linux-8|x86_64|1", "linux-9|x86_64|0"});
  CHECK(catalog.query("SELECT from_name, to_name FROM repository_redirect ORDER BY 1") ==
        Rows{"linux|linux-9", "x|y"});
  CHECK(catalog.query("SELECT name, size, timestamp, md5, sha256 FROM file_detail ORDER BY 3") ==
        Rows{"repomd.xml|0|100||" + std::string(64, 'b'),
             "repomd.xml|11|200||" + std::string(64, 'a')});
  CHECK(catalog.query("SELECT country, continent FROM country_continent_override") ==
        Rows{"TR|EU"});
  CHECK(catalog.query("SELECT netblock, country FROM netblock_country ORDER BY 1") ==
        Rows{"11.1.0.0/16|CH", "11.3.0.0/16|FR"});

  const Rows remarks = report.remarks.lines();
  for (const char* expected : {
           "1 sites left out with their hosts, as their names cannot be names: \"\"",
           "1 sites have the name of another; their ids became part of it: Example #3",
           "1 URLs of sites left out, as they are no http or https URLs: ftp://ftp.example",
           "1 hosts left out, as they have no site: m5.example",
           "1 hosts left out, as none of their allowed countries can be read: m7.example",
           "2 ASNs left out, as they are none: 0 of m1.example; -5 of m2.example",
           "2 positions of hosts left out, as they are none: m2.example; m4.example",
           "1 netblocks left out, as they are DNS names; --resolve looks them up: mirror.invalid",
           "2 netblocks left out, as they are none: \"\" of m3.example; \"everybody\"",
           "1 netblocks had bits set past their length, which were cleared: 11.0.1.7/255.255.255.0",
           "1 categories left out, as name or top directory cannot be one: No top",
           "2 URLs left out, as package managers cannot append a path to them: gopher://m1/linux",
           "1 URLs come twice in one category of a host: http://M1.example/linux/",
           "1 directories left out, as their paths cannot be paths: pub/../etc",
           "1 directories left out, as they are in no category: lost",
           "1 states of directories left out, as host, directory or category was, or the directory",
           "1 states of directories left out, as no directory has their path: nowhere",
           "1 repositories left out, as name or architecture cannot be one: linux-6",
           "2 repositories left out, as their directory is unknown or left out: linux-7",
           "2 redirects left out, as a name cannot be one, or they run in a loop or are too deep: ",
           "1 redirects left out, as they lead nowhere: gone",
           "1 repositories left out, as they have no prefix: pub/linux/9/nothing",
           "1 URLs left out, as they are private",
           "1 ASNs left out, as they have no host: 64500",
           "1 netblocks left out, as they have no host: 11.9.0.0/16",
           "1 allowed countries left out, as they have no host: NO",
           "1 categories of hosts left out, as they lack the host or the category: Linux",
           "1 countries of netblocks left out, as the netblock has another one in a row before: AT",
           "1 digests left out, as they are none: no digest of repomd.xml",
           "1 files left out, as name, size or time cannot be one: pub/linux/9/repodata/a/b",
           "1 files left out, as their directory is: old",
       }) {
    CAPTURE(expected, remarks);
    const bool is_told = std::any_of(remarks.begin(), remarks.end(), [&](const std::string& line) {
      return line.starts_with(expected);
    });
    CHECK(is_told);
  }
  CHECK(report.states == 6);
}

TEST_CASE("importing the same MirrorManager again changes nothing at all", "[postgresql]") {
  const Source source;
  const ScratchCatalog catalog;
  import(catalog, source);
  const std::string before = catalog.dump();
  const auto again = import(catalog, source);
  CHECK(catalog.dump() == before);
  CHECK(again.written_states == 0);
  CHECK(again.hosts.unchanged == 5);
  CHECK(again.files.unchanged == 2);
}

TEST_CASE("neither names nor web pages of sites keep the rest from being imported",
          "[postgresql]") {
  const Source source;
  REQUIRE(source.database
              ->run("UPDATE site SET org_url = 'http://' WHERE id = 1;"
                    "UPDATE site SET name = 'Example #3' WHERE id = 2;"
                    "INSERT INTO site (id, name) VALUES (5, repeat('x', 255)), "
                    "(6, repeat('x', 255)), (7, 'Example')")
              .empty());
  const ScratchCatalog catalog;
  const auto report = import(catalog, source);
  CHECK(catalog.query("SELECT name, url FROM site ORDER BY id") ==
        Rows{"Example|", "Example #3|", "Example #3 #3|", std::string(255, 'x') + "|",
             "Example #7|"});
  CHECK(catalog.query("SELECT h.name, s.name FROM host h JOIN site s ON s.id = h.site_id "
                      "WHERE s.name LIKE 'Example #%' ORDER BY 1") ==
        Rows{"m3.example|Example #3", "m4.example|Example #3 #3", "m6.example|Example #3 #3"});
  CHECK_THAT(
      report.remarks.lines(),
      Catch::VectorContains(std::string("2 URLs of sites left out, as they are no http or "
                                        "https URLs: http:// of Example; ftp://ftp.example "
                                        "of Example")) &&
          Catch::VectorContains(std::string("2 sites have the name of another; their ids "
                                            "became part of it: Example #3 #3; Example #7")));
  const std::string before = catalog.dump();
  import(catalog, source);
  CHECK(catalog.dump() == before);
}

TEST_CASE("redirects that change places in MirrorManager are taken at once", "[postgresql]") {
  const Source source;
  const ScratchCatalog catalog;
  import(catalog, source);
  const auto redirects = [&] {
    return catalog.query("SELECT from_name, to_name FROM repository_redirect ORDER BY 1");
  };
  REQUIRE(redirects() == Rows{"linux|linux-9", "x|y"});
  REQUIRE(source.database
              ->run("DELETE FROM repository_redirect;"
                    "INSERT INTO repository_redirect (from_repo, to_repo) "
                    "VALUES ('y', 'x'), ('x', 'z'), ('l', 'm'), ('m', 'l')")
              .empty());
  const auto report = import(catalog, source);
  CHECK(redirects() == Rows{"l|m", "linux|linux-9", "x|z", "y|x"});
  const Rows remarks = report.remarks.lines();
  CHECK(std::count_if(remarks.begin(), remarks.end(), [](const std::string& line) {
          return line.starts_with("1 redirects left out") && line.ends_with("m to l");
        }) == 1);
  const std::string before = catalog.dump();
  import(catalog, source);
  CHECK(catalog.dump() == before);
}

TEST_CASE("what has changed in MirrorManager changes, and nothing else", "[postgresql]") {
  const Source source;
  const ScratchCatalog catalog;
  import(catalog, source);
  REQUIRE(catalog
              .run("INSERT INTO site (name) VALUES ('by hand');"
                   "INSERT INTO host (site_id, name) SELECT id, 'own' FROM site "
                   "WHERE name = 'by hand';"
                   "INSERT INTO host_category (host_id, category_id) SELECT h.id, c.id "
                   "FROM host h, category c WHERE h.name = 'own' AND c.name = 'Linux';"
                   "UPDATE host SET city = 'Bonn', is_monopoly = 1 WHERE name = 'm1.example'")
              .empty());
  REQUIRE(
      source.database
          ->run("DELETE FROM host_category_dir WHERE host_category_id = 6;"
                "DELETE FROM host_category_url WHERE host_category_id = 6;"
                "DELETE FROM host_category WHERE id = 6;"
                "DELETE FROM host_country_allowed WHERE host_id = 6; DELETE FROM host WHERE id = 6;"
                "DELETE FROM host_netblock WHERE netblock LIKE '11.0.1.%';"
                "UPDATE host SET bandwidth_int = 7 WHERE id = 1;"
                "UPDATE host_category_dir SET up2date = true WHERE path = '/8';"
                "DELETE FROM host_category_dir WHERE path = '9/repodata';"
                "DELETE FROM file_detail WHERE timestamp = 100;"
                "INSERT INTO file_detail (filename, timestamp, size, directory_id) "
                "VALUES ('repomd.xml', 300, 12, 3)")
          .empty());
  const auto report = import(catalog, source);
  CHECK(report.hosts.updated == 2);
  CHECK(report.hosts.unchanged == 2);
  CHECK(report.kept_hosts == Rows{"m6.example", "own"});
  CHECK(report.written_states == 1);
  CHECK(report.forgotten_states == 1);
  CHECK(report.files.added == 1);
  CHECK(catalog.query("SELECT city, is_monopoly, bandwidth_mbps FROM host "
                      "WHERE name = 'm1.example'") == Rows{"Bonn|1|7"});
  CHECK(catalog.query("SELECT timestamp FROM file_detail ORDER BY 1") == Rows{"200", "300"});
  CHECK(catalog.query("SELECT count(*) FROM host_netblock") == Rows{"3"});
  CHECK(catalog.query("SELECT count(*) FROM host WHERE name = 'own'") == Rows{"1"});
}

TEST_CASE("what a host of MirrorManager's carries no more is gone, and what others carry stays",
          "[postgresql]") {
  const Source source;
  const ScratchCatalog catalog;
  import(catalog, source);
  REQUIRE(catalog
              .run("INSERT INTO category (name, top_directory) VALUES ('Ours', 'pub/ours');"
                   "INSERT INTO host_category (host_id, category_id) SELECT h.id, c.id "
                   "FROM host h, category c WHERE h.name = 'm1.example' AND c.name = 'Ours'")
              .empty());
  REQUIRE(source.database
              ->run("DELETE FROM host_category_dir WHERE host_category_id IN (1, 3);"
                    "DELETE FROM host_category_url WHERE host_category_id = 1;"
                    "DELETE FROM host_category WHERE id = 1")
              .empty());
  const auto report = import(catalog, source);
  CHECK(report.carriages.removed == 1);
  CHECK(report.forgotten_states == 1);  // the others went with their carriage
  CHECK(catalog.query("SELECT h.name, g.name FROM host_category c JOIN host h ON h.id = c.host_id "
                      "JOIN category g ON g.id = c.category_id ORDER BY 1, 2") ==
        Rows{"m1.example|Ours", "m2.example|Linux", "m3.example|Linux", "m4.example|Linux",
             "m6.example|Linux"});
  CHECK(catalog.query("SELECT h.name, count(*) FROM host_category_directory x "
                      "JOIN host_category c ON c.id = x.host_category_id "
                      "JOIN host h ON h.id = c.host_id GROUP BY h.name") == Rows{"m6.example|2"});
  CHECK(import(catalog, source).forgotten_states == 0);
}

TEST_CASE("a repository that MirrorManager has no more stays, and is named", "[postgresql]") {
  const Source source;
  const ScratchCatalog catalog;
  CHECK(import(catalog, source).kept_repositories.empty());
  REQUIRE(catalog
              .run("INSERT INTO category (name, top_directory) VALUES ('Ours', 'ours');"
                   "INSERT INTO directory (path, category_id) SELECT 'ours/1', id FROM category "
                   "WHERE name = 'Ours';"
                   "INSERT INTO repository (name, architecture, directory_id) "
                   "SELECT 'ours', 'x86_64', id FROM directory WHERE path = 'ours/1'")
              .empty());
  REQUIRE(source.database
              ->run("DELETE FROM repository WHERE prefix = 'linux-9';"
                    "UPDATE repository SET directory_id = NULL WHERE prefix = 'linux-8'")
              .empty());
  const auto report = import(catalog, source);
  // linux-8 is told of as left out.
  CHECK(report.kept_repositories == Rows{"linux-9 x86_64"});
  CHECK(report.repositories.kept == 1);
  CHECK(catalog.query("SELECT count(*) FROM repository") == Rows{"3"});
}

TEST_CASE("a catalog in SQLite becomes the same, with the same words", "[postgresql]") {
  const Source source;
  const ScratchCatalog catalog;
  const ScratchCatalog small(catalog::EngineKind::kSqlite);
  const auto remarks = import(catalog, source).remarks.lines();
  CHECK(import(small, source).remarks.lines() == remarks);
  CHECK(small.dump() == catalog.dump());
}

TEST_CASE("netblocks that two hosts claim are told", "[postgresql]") {
  const Source source;
  REQUIRE(source.database
              ->run("INSERT INTO host_netblock (netblock, host_id) VALUES ('11.0.0.0/24', 1)")
              .empty());
  const ScratchCatalog catalog;
  CHECK_THAT(import(catalog, source).network_remarks,
             Catch::VectorContains(
                 std::string("netblock 11.0.0.0/24 is one of m1.example and of m3.example")));
}

TEST_CASE("DNS names become the addresses that they have", "[postgresql]") {
  const Source source;
  const ScratchCatalog catalog;
  import(catalog, source, [](const std::string& name) {
    CHECK(name == "mirror.invalid");
  return std::vector{*net::Address::parse("11.7.7.7"), *net::Address::parse("2a00:1450::7")};
});
CHECK(catalog.query("SELECT netblock FROM host_netblock WHERE netblock LIKE '%7/%' "
                    "ORDER BY 1") == Rows{"11.7.7.7/32", "2a00:1450::7/128"});
}

TEST_CASE("what was imported is answered from", "[postgresql]") {
  const Source source;
  const ScratchCatalog catalog;
  const std::string from = source.database->url();
  const auto tried = run_program(
      "admin/mirror_admin",
      {"--catalog", catalog.url(), "import", "mirrormanager", "--from", from, "--dry-run"});
  CAPTURE(tried.output);
  CHECK(tried.status == 0);
  CHECK_THAT(tried.output, Catch::Contains("dry run: nothing was changed"));
  CHECK(catalog.query("SELECT count(*) FROM site") == Rows{"0"});
  const auto done = run_program("admin/mirror_admin", {"--catalog", catalog.url(), "import",
                                                       "mirrormanager", "--from", from});
  CHECK(done.status == 0);
  CHECK_THAT(done.output, Catch::Contains("hosts              5  5 new, 0 updated") &&
                              Catch::Contains("remark: 1 hosts left out, as they have no site"));

  const std::string snapshot = (catalog.folder().path() / "snapshot").string();
  REQUIRE(run_program("cache_builder/cache_builder",
                      {"build", "--catalog", catalog.url(), "--output", snapshot})
              .status == 0);
  const auto answer = [&](const char* client, const char* repository) {
    return run_program("admin/mirror_admin",
                       {"--snapshot", snapshot, "why", client, repository, "arch=x86_64"})
        .output;
  };
  // m3 is of a private site: for its netblock only. m6 is for France only. m4 is off.
  CHECK_THAT(answer("11.0.1.9", "repo=linux"),
             Catch::Contains("m3.example") && Catch::Contains("m1.example") &&
                 Catch::Contains("m2.example") && !Catch::Contains("m4.example"));
  CHECK_THAT(answer("198.51.100.1", "repo=linux-9"), Catch::Contains("http://m1.example") &&
                                                         !Catch::Contains("https://m3.example") &&
                                                         !Catch::Contains("https://m6.example"));
  CHECK_THAT(answer("11.1.0.1", "repo=linux-9"), !Catch::Contains("https://m6.example"));
  CHECK_THAT(answer("11.3.0.1", "repo=linux-9"), Catch::Contains("https://m6.example"));
}

TEST_CASE("a database that is none of MirrorManager's is refused", "[postgresql]") {
  const ScratchCatalog catalog;
  CHECK_THROWS_WITH(catalog::mirrormanager::Reader(catalog.url()),
                    Catch::Contains("no database of MirrorManager 2"));
}
