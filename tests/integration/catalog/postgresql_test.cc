// What is PostgreSQL's own: how its errors read, how many rows come past SOCI, and that the order
// of text is that of bytes though the database has another.
#include <catch2/catch.hpp>

#include "common/catalog/writer.h"
#include "tests/support/postgresql_server.h"
#include "tests/support/scratch_catalog.h"

using namespace mirrorway;
using namespace mirrorway::catalog;
using tests::PostgresqlServer;
using tests::ScratchCatalog;
using tests::ScratchDatabase;

TEST_CASE("a database that cannot be opened is named with the reason and the way out",
          "[postgresql]") {
  PostgresqlServer& server = PostgresqlServer::instance();
  CHECK_THROWS_WITH(CatalogReader(server.url("none")),
                    Catch::Contains("database 'none' does not exist") &&
                        Catch::Contains("make it first: createuser"));
  CHECK_THROWS_WITH(CatalogReader("postgresql:///x?host=/nowhere&user=u"),
                    Catch::Contains("catalog postgresql://u@/x?host=/nowhere: cannot open it") &&
                        Catch::Contains("no server listens there"));
  CHECK_THROWS_WITH(CatalogReader("postgresql://u:secret@127.0.0.1:1/x"),
                    Catch::Contains("catalog postgresql://u@127.0.0.1:1/x: ") &&
                        Catch::Contains("no server listens there") && !Catch::Contains("secret"));
  const auto empty = ScratchDatabase::make(EngineKind::kPostgresql);
  CHECK_THROWS_WITH(CatalogReader(empty->url()), Catch::Contains("run \"mirror_admin init\""));
}

TEST_CASE("a database in another encoding is refused", "[postgresql]") {
  PostgresqlServer& server = PostgresqlServer::instance();
  REQUIRE(server
              .run("postgres",
                   "CREATE DATABASE latin ENCODING LATIN1 LOCALE_PROVIDER libc LOCALE 'C' "
                   "TEMPLATE template0")
              .empty());
  CHECK_THROWS_WITH(init_catalog(server.url("latin")),
                    Catch::Contains("LATIN1") && Catch::Contains("--encoding UTF8"));
  server.drop_database("latin");
}

TEST_CASE("a user without the right is told so", "[postgresql]") {
  const ScratchCatalog catalog;
  PostgresqlServer::instance().run("postgres", "CREATE ROLE guest LOGIN");
  std::string url = catalog.url();
  url.replace(url.find("mirrorway"), std::string("mirrorway").size(), "guest");
  CHECK_THROWS_WITH(CatalogReader(url), Catch::Contains("this user may not do it"));
  REQUIRE(catalog.run("GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest").empty());
  CHECK(CatalogReader(url).sites().empty());
  CatalogWriter writer(url);
  CHECK_THROWS_WITH(writer.insert(Site{{}, "s", "", true, false, ""}),
                    Catch::Contains("cannot insert a site: this user may not do it"));
}

TEST_CASE("a reader cannot write, and a server that takes no changes is told of", "[postgresql]") {
  const ScratchCatalog catalog;
  CHECK_THROWS_WITH(
      [&] {
        CatalogWriter writer(catalog.url() + "&options=-cdefault_transaction_read_only%3Don");
        writer.insert(Site{{}, "s", "", true, false, ""});
      }(),
      Catch::Contains("takes no changes"));
}

TEST_CASE("a lost connection is told of, and nothing is changed", "[postgresql]") {
  const ScratchCatalog catalog;
  CatalogWriter writer(catalog.url());
  writer.insert(Site{{}, "a", "", true, false, ""});
  catalog.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
      "WHERE datname = current_database() AND pid <> pg_backend_pid()");
  CHECK_THROWS_WITH(writer.insert(Site{{}, "b", "", true, false, ""}),
                    Catch::Contains("cannot insert a site: the "));
  CHECK_THROWS_WITH(writer.commit(), Catch::Contains("the connection to the server was lost"));
  CHECK(catalog.query("SELECT count(*) FROM site") == std::vector<std::string>{"0"});
}

TEST_CASE("a catalog that another program changes is waited for, then told of", "[postgresql]") {
  const ScratchCatalog catalog;
  CatalogWriter writer(catalog.url());
  writer.insert(Site{{}, "a", "", true, false, ""});
  CHECK_THROWS_WITH(CatalogWriter(catalog.url()),
                    Catch::Contains("another program has kept it locked for 10 seconds; try "
                                    "again"));
  writer.commit();
  CHECK(CatalogReader(catalog.url()).sites().size() == 1);
}

TEST_CASE("what the server has run out of, or found broken, is told, and nothing is changed",
          "[postgresql]") {
  struct Row {
    const char* code;
    const char* text;
  };
  const std::vector<Row> rows{
      {"40001", "another program was in the way"},
      {"53100", "the disk of the database server is full"},
      {"53200", "the database server is out of memory"},
      {"57014", "the server broke it off"},
      {"58030", "the database server cannot read or write its files"},
      {"XX001", "the database is damaged"},
      {"XX002", "an index of the database is damaged"},
  };
  const ScratchCatalog catalog;
  REQUIRE(catalog
              .run("CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS "
                   "'BEGIN RAISE EXCEPTION ''no'' USING ERRCODE = NEW.name; END';"
                   "CREATE TRIGGER fail BEFORE INSERT ON site FOR EACH ROW "
                   "WHEN (NEW.name <> 'a') EXECUTE FUNCTION fail()")
              .empty());
  for (const Row& row : rows) {
    CatalogWriter writer(catalog.url());
    writer.insert(Site{{}, "a", "", true, false, ""});
    CHECK_THROWS_WITH(writer.insert(Site{{}, row.code, "", true, false, ""}),
                      Catch::Contains(std::string("cannot insert a site: ") + row.text));
  }
  CHECK(CatalogReader(catalog.url()).sites().empty());
}

TEST_CASE("text comes in the order of its bytes whatever the database's language", "[postgresql]") {
  const ScratchCatalog catalog;
  REQUIRE(catalog.query("SELECT 'a' < 'B'") == std::vector<std::string>{"t"});
  CatalogWriter writer(catalog.url());
  for (const char* name : {"a", "B", "c", "ä", "-x"})
    writer.insert(Site{{}, name, "", true, false, ""});
  std::vector<std::string> names;
  for (const Site& site : writer.sites()) names.push_back(site.name);
  CHECK(names == std::vector<std::string>{"-x", "B", "a", "c", "ä"});
}

TEST_CASE("many rows all come, in their order", "[postgresql]") {
  const ScratchCatalog catalog;
  REQUIRE(catalog
              .run("INSERT INTO site (id, name) VALUES (1, 's');"
                   "INSERT INTO host (id, site_id, name) VALUES (1, 1, 'h'), (2, 1, 'i');"
                   "INSERT INTO category (id, name, top_directory) VALUES (1, 'c', '');"
                   "INSERT INTO host_category (id, host_id, category_id) VALUES (1,1,1), (2,2,1);"
                   "INSERT INTO directory (id, path, category_id) "
                   "SELECT i, 'd' || i, 1 FROM generate_series(1, 12500) i;"
                   "INSERT INTO host_category_directory "
                   "SELECT i, c, 1 FROM generate_series(12500, 1, -1) i, generate_series(1, 2) c")
              .empty());
  const CatalogReader reader(catalog.url());
  std::int64_t rows = 0;
  std::pair<DirectoryId, CarriageId> last{};
  bool is_ascending = true;
  reader.for_each_up_to_date([&](DirectoryId directory, CarriageId carriage) {
    is_ascending = is_ascending && last < std::pair(directory, carriage);
    last = {directory, carriage};
    ++rows;
  });
  CHECK(rows == 25'000);
  CHECK(is_ascending);
  CHECK(reader.directories().size() == 12'500);
  // Whoever stops in the middle does not wait for the rest.
  CHECK_THROWS_AS(reader.for_each_up_to_date([](DirectoryId, CarriageId) { throw 1; }), int);
  CHECK_THROWS_WITH(reader.sites(), Catch::Contains("transaction is aborted"));
}
