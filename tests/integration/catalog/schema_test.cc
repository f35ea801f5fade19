// Making, opening and upgrading catalogs.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "common/base/file.h"
#include "common/catalog/writer.h"
#include "tests/support/paths.h"
#include "tests/support/scratch_catalog.h"

using namespace mirrorway;
using namespace mirrorway::catalog;
using tests::ScratchCatalog;
using tests::ScratchDatabase;
using tests::TemporaryFolder;

TEST_CASE("a file that cannot be opened is named with the reason and the way out", "[sqlite]") {
  const TemporaryFolder folder;
  const auto url = [&](const char* name) { return "sqlite://" + (folder.path() / name).string(); };
  CHECK_THROWS_WITH(CatalogReader(url("none.db")),
                    Catch::Contains("none.db: no such file; \"mirror_admin init\" makes one"));
  CHECK_THROWS_WITH(CatalogReader(url(".")), Catch::Contains("no regular file"));
  folder.write("empty.db", "");
  CHECK_THROWS_WITH(CatalogReader(url("empty.db")), Catch::Contains("there is no catalog in it"));
  folder.write("text.db", std::string(5000, 'x'));
  CHECK_THROWS_WITH(CatalogReader(url("text.db")), Catch::Contains("no SQLite database"));
  CHECK_THROWS_WITH(init_catalog(url("no/such/folder.db")), Catch::Contains("no folder"));
  CHECK_THROWS_WITH(CatalogReader("mysql://x"), Catch::Contains("this version reads"));
}

TEST_CASE("a file that the user may not write is refused in words", "[sqlite]") {
  if (::geteuid() == 0) {
    WARN("permissions do not bind the superuser: not tested");
    return;
  }
  const ScratchCatalog catalog;
  REQUIRE(::chmod(catalog.path().c_str(), 0444) == 0);
  CHECK_THROWS_WITH(CatalogWriter(catalog.url()), Catch::Contains("may not write"));
}

TEST_CASE("init makes a catalog once, and touches no other database") {
  const ScratchCatalog catalog;
  CHECK(init_catalog(catalog.url()) == InitResult::kAlreadyCurrent);

  REQUIRE(catalog.run("INSERT INTO schema_version VALUES (99, 0)").empty());
  CHECK_THROWS_WITH(init_catalog(catalog.url()), Catch::Contains("schema version 99"));
  CHECK_THROWS_WITH(CatalogReader(catalog.url()), Catch::Contains("schema version 99"));

  const auto foreign = ScratchDatabase::make(tests::tested_engine());
  REQUIRE(foreign->run("CREATE TABLE t (x INTEGER)").empty());
  CHECK_THROWS_WITH(init_catalog(foreign->url()), Catch::Contains("tables of another program"));
  CHECK_THROWS_WITH(CatalogReader(foreign->url()), Catch::Contains("there is no catalog in it"));
}

TEST_CASE("init refuses the file of another program without changing a byte of it", "[sqlite]") {
  const auto foreign = ScratchDatabase::make(EngineKind::kSqlite);
  REQUIRE(foreign->run("CREATE TABLE t (x INTEGER)").empty());
  const std::string file = foreign->url().substr(std::string_view("sqlite://").size());
  const std::string before = base::read_file(file, 1 << 20);
  CHECK_THROWS_WITH(init_catalog(foreign->url()), Catch::Contains("tables of another program"));
  CHECK(base::read_file(file, 1 << 20) == before);
}

TEST_CASE("readers of a file and its writer do not wait for each other", "[sqlite]") {
  const ScratchCatalog catalog;
  CHECK(catalog.query("PRAGMA journal_mode") == std::vector<std::string>{"wal"});
}

namespace {

// Makes the catalog that a file below tests/fixtures describes for each kind of database.
std::unique_ptr<ScratchDatabase> load_old_catalog(const std::string& fixture) {
  const bool is_sqlite = tests::tested_engine() == EngineKind::kSqlite;
  auto old = ScratchDatabase::make(tests::tested_engine());
  const std::string complaint =
      old->run(base::read_file(tests::in_source(fmt::format("tests/fixtures/{}.{}", fixture,
                                                            is_sqlite ? "sql" : "postgresql.sql")),
                               1 << 20));
  INFO(complaint);
  REQUIRE(complaint.empty());
  return old;
}

// A line for each column of each table.
std::vector<std::string> columns_of(const ScratchDatabase& database) {
  return database.query(
      tests::tested_engine() == EngineKind::kSqlite
          ? "SELECT m.name, c.name, c.type, c.\"notnull\", c.pk FROM sqlite_master m, "
            "pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY 1, 2"
          : "SELECT table_name, column_name, data_type, is_nullable, collation_name, is_identity "
            "FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2");
}

}  // namespace

TEST_CASE(
    "a catalog of an older schema is refused until init brings it up to date, and loses nothing") {
  const auto old = load_old_catalog("catalog_version_1");
  const std::string url = old->url();
  CHECK_THROWS_WITH(CatalogReader(url), Catch::Contains("schema version 1 is older") &&
                                            Catch::Contains("run \"mirror_admin init\""));
  CHECK(init_catalog(url) == InitResult::kUpgraded);
  CHECK(init_catalog(url) == InitResult::kAlreadyCurrent);

  const CatalogReader reader(url);
  REQUIRE(reader.hosts().size() == 1);
  const Host host = reader.hosts().front();
  CHECK(host.name == "m1.example");
  CHECK(host.client_asns == std::vector<std::uint32_t>{680, 3320});
  CHECK(host.netblocks == std::vector{*net::Prefix::parse("192.0.2.0/24")});
  CHECK(host.any_netblocks);
  CHECK(host.clouds.empty());
  CHECK(host.is_research);
  CHECK_FALSE(host.serves_research);
  CHECK(reader.carriages().front().urls == std::vector<std::string>{"https://m1.example/linux"});
  CHECK(reader.repositories().front().name == "core-9");
  CHECK(reader.redirects().size() == 1);
  CHECK(reader.netblock_countries().size() == 1);
  CHECK(reader.countries().size() == 250);
  CHECK(reader.research_netblocks().empty());
  CHECK(reader.state().generation == 8);

  // The upgraded tables are those of a new catalog.
  const auto made = ScratchDatabase::make(tests::tested_engine());
  init_catalog(made->url());
  CHECK(columns_of(*old) == columns_of(*made));
  CatalogWriter writer(url);
  Host second = host;
  second.name = "m2.example";
  CHECK(writer.insert(second) > host.id);
}

TEST_CASE("hosts of schema version 2 keep netblocks that the rules of version 3 refuse") {
  const auto old = load_old_catalog("catalog_version_2");
  const std::string url = old->url();
  CHECK_THROWS_WITH(CatalogReader(url), Catch::Contains("schema version 2 is older"));
  CHECK(init_catalog(url) == InitResult::kUpgraded);
  CatalogWriter writer(url, [] { return 1; });
  const auto hosts = writer.hosts();
  REQUIRE(hosts.size() == 3);
  CHECK(hosts[0].any_netblocks);  // 192.0.2.0/24
  CHECK_FALSE(hosts[1].any_netblocks);
  CHECK(hosts[1].netblocks == std::vector{*net::Prefix::parse("11.1.0.0/16")});
  CHECK(hosts[2].any_netblocks);
  CHECK(hosts[2].netblocks == std::vector{*net::Prefix::parse("10.0.0.0/8")});
  CHECK(hosts[2].serves_research);
  for (const Host& host : hosts) writer.update(host);
  CHECK(writer.research_netblocks() == std::vector{*net::Prefix::parse("198.51.100.0/24")});
  CHECK(writer.imported_research().empty());
}
