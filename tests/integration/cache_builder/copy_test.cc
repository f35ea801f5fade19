// A catalog that moves to the other kind of database and back is the same catalog.
#include "common/catalog/copy.h"

#include <set>

#include <catch2/catch.hpp>

#include "cache_builder/assemble.h"
#include "common/catalog/writer.h"
#include "common/snapshot/file.h"
#include "tests/support/program.h"
#include "tests/support/scratch_catalog.h"
#include "tests/support/snapshot_file.h"

using namespace mirrorway;
using catalog::EngineKind;
using tests::run_program;
using tests::ScratchCatalog;
using tests::ScratchDatabase;

namespace {

// Of some size, with what is easily lost on the way: NULL, fractions, backslashes, line ends, and
// the id of a host that is gone.
constexpr const char* kCatalog = R"(
  INSERT INTO site (id, name, comment) VALUES (7, 'Größe', 'a	tab, \N, \\ and
a line' || char(13)), (3, 'B', '');
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
    INSERT INTO host (id, site_id, name, latitude, longitude, country, asn)
    SELECT i * 10, 7, 'h' || i, i / 7.0, -0.1, CASE WHEN i % 3 = 0 THEN 'DE' END, 4294967295 FROM n;
  INSERT INTO host (id, site_id, name) VALUES (5000, 3, 'gone');
  DELETE FROM host WHERE id = 5000;
  INSERT INTO host_netblock VALUES (10, '9.0.0.0/8'), (20, '2001:db8::/32');
  INSERT INTO category (id, name, top_directory) VALUES (2, 'c', '');
  INSERT INTO host_category (id, host_id, category_id) SELECT id + 1, id, 2 FROM host;
  INSERT INTO host_category_url SELECT id, 'https://h' || id || '/c' FROM host_category;
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
    INSERT INTO directory (id, path, category_id) SELECT 1000 - i, 'Ä/' || i, 2 FROM n;
  INSERT INTO host_category_directory
    SELECT d.id, c.id, (d.id + c.id) % 7 <> 0 FROM directory d, host_category c;
  INSERT INTO file_detail (directory_id, name, size, timestamp, md5)
    SELECT id, 'repomd.xml', 9000000000, id, '' FROM directory WHERE id % 50 = 0;
  INSERT INTO repository (name, architecture, directory_id) VALUES ('r', 'x', 600);
  UPDATE catalog_state SET generation = 12, changed_at = 34;
)";

std::string snapshot_of(const std::string& url) {
  return tests::encode_file(cache_builder::assemble(catalog::CatalogReader(url)));
}

catalog::HostId add_host(const std::string& url) {
  catalog::CatalogWriter writer(url);
  catalog::Host host;
  host.site = catalog::SiteId{3};
  host.name = "new";
  return writer.insert(host);
}

}  // namespace

TEST_CASE("a catalog is copied either way with its ids, and its snapshot stays the same bytes",
          "[postgresql]") {
  const ScratchCatalog original(EngineKind::kSqlite);
  REQUIRE(original.run(kCatalog).empty());
  const auto there = ScratchDatabase::make(EngineKind::kPostgresql);
  const auto elsewhere = ScratchDatabase::make(EngineKind::kPostgresql);
  const std::string back = "sqlite://" + (original.folder().path() / "back.db").string();

  const tests::Outcome outcome =
      run_program("admin/mirror_admin", {"copy", "--from", original.url(), "--to", there->url()});
  INFO(outcome.output);
  REQUIRE(outcome.status == 0);
  CHECK_THAT(outcome.output, Catch::Contains("host_category_directory         30000 rows") &&
                                 Catch::Contains("rows copied and verified"));
  std::set<std::pair<bool, std::string>> told;
  const auto second = catalog::copy_catalog(there->url(), elsewhere->url(),
                                            [&](const catalog::CopyProgress& progress) {
                                              told.emplace(progress.is_verifying, progress.table);
                                            });
  CHECK(told.contains({false, "host_category_directory"}));
  CHECK(told.contains({true, "host_category_directory"}));
  const auto third = catalog::copy_catalog(elsewhere->url(), back);
  REQUIRE(second.size() == third.size());
  for (std::size_t i = 0; i < second.size(); ++i) {
    CAPTURE(second[i].name);
    CHECK(second[i].rows == third[i].rows);
    CHECK(second[i].checksum == third[i].checksum);
  }

  const std::string snapshot = snapshot_of(original.url());
  CHECK(snapshot_of(there->url()) == snapshot);
  CHECK(snapshot_of(elsewhere->url()) == snapshot);
  CHECK(snapshot_of(back) == snapshot);
  CHECK(there->query("SELECT comment FROM site WHERE id = 7") ==
        original.query("SELECT comment FROM site WHERE id = 7"));
  CHECK(there->query("SELECT * FROM catalog_state") == std::vector<std::string>{"1|12|34"});
  // A host's id is never given again, not even that of one that is gone.
  for (const std::string& url : {original.url(), there->url(), elsewhere->url(), back})
    CHECK(add_host(url) == catalog::HostId{5001});
}

TEST_CASE("tables that somebody has put beside those of a catalog are not copied, nor in the way",
          "[postgresql]") {
  const ScratchCatalog original(EngineKind::kSqlite);
  REQUIRE(original
              .run("INSERT INTO site (name) VALUES ('s');"
                   "CREATE TABLE note (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT);"
                   "INSERT INTO note (text) VALUES ('mine');"
                   // Leaves 0 as the last id of the table.
                   "INSERT INTO category (name, top_directory) SELECT name, '' FROM site WHERE 0")
              .empty());
  const auto there = ScratchDatabase::make(EngineKind::kPostgresql);
  catalog::copy_catalog(original.url(), there->url());
  CHECK(there->query("SELECT name FROM site") == std::vector<std::string>{"s"});
  REQUIRE(there
              ->run("CREATE TABLE note (id BIGINT GENERATED BY DEFAULT AS IDENTITY, text TEXT);"
                    "INSERT INTO note (text) VALUES ('theirs')")
              .empty());
  const auto back = ScratchDatabase::make(EngineKind::kSqlite);
  catalog::copy_catalog(there->url(), back->url());
  CHECK(back->query("SELECT name FROM sqlite_sequence ORDER BY 1") ==
        std::vector<std::string>{"site"});
}

TEST_CASE("nothing is copied over a catalog, nor a catalog that breaks the rules", "[postgresql]") {
  const ScratchCatalog from(EngineKind::kSqlite);
  const ScratchCatalog to(EngineKind::kPostgresql);
  REQUIRE(from.run("INSERT INTO site (name) VALUES ('s')").empty());
  const std::string empty = to.dump();

  SECTION("the target has rows") {
    REQUIRE(to.run("INSERT INTO site (name) VALUES ('t')").empty());
    CHECK_THROWS_WITH(catalog::copy_catalog(from.url(), to.url()),
                      Catch::Contains("table site has rows; copy into a new catalog"));
    CHECK(to.query("SELECT name FROM site") == std::vector<std::string>{"t"});
  }
  SECTION("a row refers to none") {
    REQUIRE(from.run("PRAGMA foreign_keys = OFF; INSERT INTO host_asn VALUES (9, 680)").empty());
    CHECK_THROWS_WITH(catalog::copy_catalog(from.url(), to.url()),
                      Catch::Contains("violates foreign key"));
    CHECK(to.dump() == empty);
  }
  SECTION("a number is none") {
    REQUIRE(from.run("PRAGMA ignore_check_constraints = ON;"
                     "INSERT INTO site (name, is_active) VALUES ('x', 'yes')")
                .empty());
    CHECK_THROWS_WITH(catalog::copy_catalog(from.url(), to.url()),
                      Catch::Contains("\"yes\" where a whole number is expected"));
    CHECK(to.dump() == empty);
  }
  SECTION("the target does not keep what it is given") {
    REQUIRE(to.run("CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                   "NEW.name = upper(NEW.name); RETURN NEW; END $$;"
                   "CREATE TRIGGER shout BEFORE INSERT ON site "
                   "FOR EACH ROW EXECUTE FUNCTION shout()")
                .empty());
    CHECK_THROWS_WITH(catalog::copy_catalog(from.url(), to.url()),
                      Catch::Contains("nothing was copied: table site came out as 1 rows with"));
    CHECK(to.dump() == empty);
  }
  SECTION("there is no catalog") {
    CHECK_THROWS_WITH(catalog::copy_catalog("sqlite:/nowhere.db", to.url()),
                      Catch::Contains("no such file"));
  }
}
