#include <thread>

#include <catch2/catch.hpp>

#include "common/base/error.h"
#include "common/catalog/writer.h"
#include "tests/support/scratch_catalog.h"

using namespace mirrorway;
using namespace mirrorway::catalog;
using tests::ScratchCatalog;

namespace {

CatalogWriter writer_of(const ScratchCatalog& catalog, std::int64_t now = 2'000'000) {
  return CatalogWriter(catalog.url(), [now] { return now; });
}

net::CountryCode country(const char* code) {
  return *net::CountryCode::parse(code);
}

net::Prefix netblock(const char* text) {
  return *net::Prefix::parse(text);
}

Site site_named(const std::string& name) {
  Site site;
  site.name = name;
  return site;
}

Host full_host(SiteId site) {
  Host host;
  host.site = site;
  host.name = "m1.example";
  host.is_private = true;
  host.is_monopoly = true;
  host.is_last_resort = true;
  host.is_research = true;
  host.serves_research = true;
  host.serves_own_asn = false;
  host.country = country("DE");
  host.city = "Köln";
  host.latitude = 50.9375;
  host.longitude = 6.9603;
  host.bandwidth_mbps = 100'000;
  host.asn = 4'294'967'295;
  host.comment = "'quoted'; DROP TABLE host";
  host.client_asns = {680, 3320};
  host.netblocks = {netblock("9.0.0.0/8"), netblock("10.0.0.0/8"), netblock("2001:db8::/32")};
  host.any_netblocks = true;
  host.allowed_countries = {country("AT"), country("DE")};
  host.clouds = {{"aws", "all"}, {"gcp", "europe-west1"}};
  return host;
}

std::vector<FileDetail> files_of(const CatalogReader& reader) {
  std::vector<FileDetail> files;
  reader.for_each_file([&](const FileDetail& file) { files.push_back(file); });
  return files;
}

}  // namespace

TEST_CASE("rows come back as they were written") {
  const ScratchCatalog catalog;
  Site site{{}, "Example", "https://www.example", false, true, "a comment"};
  Host host;
  Category category{{}, "linux", "pub/linux"};
  Carriage carriage;
  Directory directory;
  Repository repository;
  const NetblockCountry entry{netblock("2001:db8::/32"), country("CH")};
  FileDetail newer{{}, "a \"b\" ü.iso", 5'000'000'000, 200, "", "", std::string(64, 'a'), ""};
  FileDetail older{{}, newer.name, 3, 100, "", "", "", std::string(128, 'b')};
  {
    auto writer = writer_of(catalog);
    site.id = writer.insert(site);
    host = full_host(site.id);
    host.id = writer.insert(host);
    category.id = writer.insert(category);
    carriage = {{}, host.id, category.id, true, {"http://m1.example/a", "https://m1.example/a"}};
    carriage.id = writer.insert(carriage);
    directory = {{}, "pub/linux/9", category.id};
    directory.id = writer.insert(directory);
    repository = {{}, "core-9", "x86_64", directory.id, true};
    repository.id = writer.insert(repository);
    writer.insert(Redirect{"core", "core-9"});
    writer.insert(entry);
    writer.insert_research(netblock("2001:db8::/32"));
    writer.insert_research(netblock("192.0.2.0/24"));
    newer.directory = older.directory = directory.id;
    writer.insert(older);
    writer.insert(newer);
    writer.commit();
  }
  const CatalogReader reader(catalog.url());
  CHECK(reader.sites() == std::vector{site});
  CHECK(reader.hosts() == std::vector{host});
  CHECK(reader.categories() == std::vector{category});
  CHECK(reader.carriages() == std::vector{carriage});
  CHECK(reader.directories() == std::vector{directory});
  CHECK(reader.repositories() == std::vector{repository});
  CHECK(reader.redirects() == std::vector{Redirect{"core", "core-9"}});
  CHECK(reader.netblock_countries() == std::vector{entry});
  CHECK(reader.research_netblocks() ==
        std::vector{netblock("192.0.2.0/24"), netblock("2001:db8::/32")});
  CHECK(files_of(reader) == std::vector{newer, older});
  CHECK(reader.countries().size() == net::known_countries().size());
  CHECK(reader.state().generation == 1);
  CHECK(reader.state().changed_at == 2'000'000);
}

TEST_CASE("the state counts transactions that changed something") {
  const ScratchCatalog catalog;
  CHECK(CatalogReader(catalog.url()).state().changed_at == ScratchCatalog::clock());
  writer_of(catalog).commit();
  CHECK(CatalogReader(catalog.url()).state().generation == 0);
  {
    auto writer = writer_of(catalog);
    writer.insert(site_named("a"));
    writer.insert(site_named("b"));
    writer.commit();
  }
  CHECK(CatalogReader(catalog.url()).state().generation == 1);
}

TEST_CASE("without a commit nothing is changed") {
  const ScratchCatalog catalog;
  const std::string before = catalog.dump();
  {
    auto writer = writer_of(catalog);
    writer.insert(site_named("a"));
    CHECK(writer.sites().size() == 1);
  }
  CHECK(catalog.dump() == before);
}

TEST_CASE("the writer refuses what the tables cannot judge") {
  const ScratchCatalog catalog;
  auto writer = writer_of(catalog);
  const SiteId site = writer.insert(site_named("s"));
  const CategoryId category = writer.insert(Category{{}, "c", "top"});
  Host host;
  host.site = site;
  host.name = "h";
  const HostId host_id = writer.insert(host);

  CHECK_THROWS_WITH(writer.insert(site_named("two\nlines")), Catch::Contains("one line of UTF-8"));
  CHECK_THROWS_WITH(writer.insert(site_named("\xFF")), Catch::Contains("\\xff"));
  CHECK_THROWS_WITH(writer.insert(site_named("next\u0085line")), Catch::Contains("one line of"));
  Site page = site_named("page");
  for (const char* url :
       {"ftp://x", "http://", "HTTPS://", "www.example", " http://x", "http://a\nb"}) {
    page.url = url;
    CHECK_THROWS_WITH(writer.insert(page), Catch::StartsWith("site page: URL \"") &&
                                               Catch::Contains("must be https://… or http://…"));
  }
  page.url = "HTTP://www.exämple/a b?c#d";
  CHECK_NOTHROW(writer.insert(page));
  CHECK_THROWS_WITH(writer.insert(Category{{}, "x", "a/../b"}), Catch::Contains("must be a path"));
  CHECK_THROWS_WITH(writer.insert(Directory{{}, "other/9", category}),
                    Catch::Contains("not below its category's top directory top"));
  CHECK_THROWS_WITH(writer.insert(Carriage{{}, host_id, category, false, {"https://H/"}}),
                    Catch::Contains("must be spelt https://h"));
  CHECK_THROWS_WITH(writer.insert(Repository{{}, "a b", "x", DirectoryId{1}, false}),
                    Catch::Contains("must not hold blanks"));
  CHECK_THROWS_WITH(writer.insert(Redirect{"a", "a"}), Catch::Contains("to itself"));
  host.id = host_id;
  host.netblocks = {netblock("10.0.0.0/8"), netblock("10.0.0.0/8")};
  CHECK_THROWS_WITH(writer.update(host), Catch::Contains("given twice"));
  CHECK_THROWS_WITH(writer.insert(site_named("s")),
                    Catch::Contains("unique", Catch::CaseSensitive::No));
}

TEST_CASE("one version of a file is removed, the others stay") {
  const ScratchCatalog catalog;
  auto writer = writer_of(catalog);
  const CategoryId category = writer.insert(Category{{}, "c", ""});
  const DirectoryId directory = writer.insert(Directory{{}, "d", category});
  const FileDetail first{directory, "f", 1, 100, "", "", std::string(64, 'a'), ""};
  FileDetail second = first;
  second.sha256 = std::string(64, 'b');
  FileDetail other = first;
  other.name = "g";
  for (const FileDetail& file : {first, second, other}) writer.insert(file);
  writer.remove(first);
  CHECK(files_of(writer) == std::vector{second, other});
  writer.insert_research(netblock("192.0.2.0/24"));
  writer.remove_research(netblock("192.0.2.0/24"));
  CHECK(writer.research_netblocks().empty());
}

TEST_CASE("a file with a name or a digest that none can have is refused") {
  struct Row {
    std::string name;
    std::string md5;
    std::int64_t size;
    const char* problem;
  };
  const std::vector<Row> rows{
      {"", "", 0, "must be UTF-8"},
      {"a/b", "", 0, "must be UTF-8"},
      {"..", "", 0, "must be UTF-8"},
      {"a\nb", "", 0, "a\\x0ab"},
      {"\xff", "", 0, "must be UTF-8"},
      {std::string(256, 'x'), "", 0, "1 to 255 bytes"},
      {"a", "", -1, "size -1"},
      {"a", "abc", 0, "check"},
      {"a", std::string(32, 'X'), 0, "check"},
  };
  const ScratchCatalog catalog;
  for (const Row& row : rows) {
    CAPTURE(row.problem);
    auto writer = writer_of(catalog);
    const CategoryId category = writer.insert(Category{{}, "c", ""});
    const DirectoryId directory = writer.insert(Directory{{}, "d", category});
    CHECK_THROWS_WITH(
        writer.insert(FileDetail{directory, row.name, row.size, 0, row.md5, "", "", ""}),
        Catch::Contains(row.problem, Catch::CaseSensitive::No));
  }
}

TEST_CASE("redirects that loop are refused when they are committed") {
  const ScratchCatalog catalog;
  auto writer = writer_of(catalog);
  writer.insert(Redirect{"a", "b"});
  writer.insert(Redirect{"b", "a"});
  CHECK_THROWS_WITH(writer.commit(), Catch::Contains("loop"));
}

TEST_CASE("moving a category's top directory away from its directories is refused") {
  const ScratchCatalog catalog;
  auto writer = writer_of(catalog);
  Category category{{}, "c", "top"};
  category.id = writer.insert(category);
  writer.insert(Directory{{}, "top/9", category.id});
  category.top_directory = "elsewhere";
  CHECK_THROWS_WITH(writer.update(category), Catch::Contains("directory top/9 is not below"));
}

TEST_CASE("what a crawler found is not overwritten by marking up to date") {
  const ScratchCatalog catalog;
  REQUIRE(catalog
              .run("INSERT INTO site (id, name) VALUES (1, 's');"
                   "INSERT INTO host (id, site_id, name) VALUES (1, 1, 'a'), (2, 1, 'b');"
                   "INSERT INTO category (id, name, top_directory) VALUES (1, 'c', '');"
                   "INSERT INTO host_category (id, host_id, category_id) VALUES (1,1,1), (2,2,1);"
                   "INSERT INTO directory (id, path, category_id) VALUES (1,'x',1), (2,'y',1);"
                   "INSERT INTO host_category_directory VALUES (1, 1, 0)")
              .empty());
  const std::string all = "SELECT * FROM host_category_directory ORDER BY 1, 2";
  {
    auto writer = writer_of(catalog);
    writer.mark_up_to_date(std::vector{CarriageId{1}, CarriageId{2}},
                           std::vector{DirectoryId{1}, DirectoryId{2}});
    writer.commit();
  }
  CHECK(catalog.query(all) == std::vector<std::string>{"1|1|0", "1|2|1", "2|1|1", "2|2|1"});
  {
    auto writer = writer_of(catalog);
    writer.restrict_to(CarriageId{2}, std::vector{DirectoryId{2}});
    writer.commit();
  }
  CHECK(catalog.query(all) == std::vector<std::string>{"1|1|0", "1|2|1", "2|2|1"});

  std::vector<std::pair<DirectoryId, CarriageId>> rows;
  CatalogReader(catalog.url()).for_each_up_to_date([&](DirectoryId directory, CarriageId carriage) {
    rows.emplace_back(directory, carriage);
  });
  CHECK(rows.size() == 2);
}

TEST_CASE("of a crawl only what differs is written, and directories it does not name stay or go") {
  const ScratchCatalog catalog;
  REQUIRE(catalog
              .run("INSERT INTO site (id, name) VALUES (1, 's');"
                   "INSERT INTO host (id, site_id, name) VALUES (1, 1, 'a'), (2, 1, 'b');"
                   "INSERT INTO category (id, name, top_directory) VALUES (1, 'c', '');"
                   "INSERT INTO host_category (id, host_id, category_id) VALUES (1,1,1), (2,2,1);"
                   "INSERT INTO directory (id, path, category_id) VALUES (1,'w',1), (2,'x',1), "
                   "(3,'y',1), (4,'z',1);"
                   "INSERT INTO host_category_directory VALUES (1,1,1), (2,1,1), (3,1,0), (4,1,1), "
                   "(1,2,1)")
              .empty());
  const auto write = [&](std::size_t expected) {
    auto writer = writer_of(catalog);
    CHECK(writer.write_states(CarriageId{1}, std::vector<DirectoryState>{{DirectoryId{1}, true},
                                                                         {DirectoryId{2}, false},
                                                                         {DirectoryId{3}, true}}) ==
          expected);
    CHECK(writer.has_changes() == (expected > 0));
    writer.commit();
  };
  write(2);
  const std::vector<std::string> rows{"1|1|1", "1|2|1", "2|1|0", "3|1|1", "4|1|1"};
  CHECK(catalog.query("SELECT * FROM host_category_directory ORDER BY 1, 2") == rows);
  write(0);
  {
    auto writer = writer_of(catalog);
    CHECK(writer.write_states(CarriageId{2}, std::vector{DirectoryState{DirectoryId{4}, false}}) ==
          1);
    writer.commit();
  }
  CHECK(catalog.query("SELECT is_up_to_date FROM host_category_directory "
                      "WHERE directory_id = 4 AND host_category_id = 2") ==
        std::vector<std::string>{"0"});
  CHECK(CatalogReader(catalog.url()).state().generation == 2);

  const auto replace = [&](std::size_t written, std::size_t forgotten) {
    auto writer = writer_of(catalog);
    const auto changes = writer.replace_states(
        CarriageId{1},
        std::vector<DirectoryState>{{DirectoryId{3}, false}, {DirectoryId{4}, true}});
    CHECK(changes.written == written);
    CHECK(changes.forgotten == forgotten);
    CHECK(writer.has_changes() == (written + forgotten > 0));
    writer.commit();
  };
  replace(1, 2);
  CHECK(catalog.query("SELECT * FROM host_category_directory ORDER BY 1, 2") ==
        std::vector<std::string>{"1|2|1", "3|1|0", "4|1|1", "4|2|0"});
  replace(0, 0);
}

TEST_CASE("a crawl's writer and readers before, during and after it do not wait for each other") {
  const ScratchCatalog catalog;
  REQUIRE(catalog
              .run("INSERT INTO site (id, name) VALUES (1, 's');"
                   "INSERT INTO host (id, site_id, name) VALUES (1, 1, 'a');"
                   "INSERT INTO category (id, name, top_directory) VALUES (1, 'c', '');"
                   "INSERT INTO host_category (id, host_id, category_id) VALUES (1,1,1);"
                   "INSERT INTO directory (id, path, category_id) VALUES (1,'x',1)")
              .empty());
  const auto has_row = [](const CatalogReader& reader) {
    return !reader.directory_states(CarriageId{1}).empty();
  };
  const CatalogReader before(catalog.url());
  CHECK_FALSE(has_row(before));
  auto writer = writer_of(catalog);
  writer.write_states(CarriageId{1}, std::vector{DirectoryState{DirectoryId{1}, true}});
  // A reader that had to wait would throw, as the writer goes on only after it.
  const CatalogReader during(catalog.url());
  CHECK_FALSE(has_row(during));
  CHECK_FALSE(has_row(before));
  writer.commit();
  CHECK(has_row(CatalogReader(catalog.url())));
  CHECK_FALSE(has_row(before));
  CHECK_FALSE(has_row(during));
}

TEST_CASE("a reader sees one state while others write") {
  const ScratchCatalog catalog;
  const CatalogReader reader(catalog.url());
  CHECK(reader.sites().empty());
  {
    auto writer = writer_of(catalog);
    writer.insert(site_named("new"));
    CHECK(reader.sites().empty());
    writer.commit();
  }
  CHECK(reader.sites().empty());
  CHECK(reader.state().generation == 0);
  CHECK(CatalogReader(catalog.url()).sites().size() == 1);
}

TEST_CASE("a second writer waits for the first") {
  const ScratchCatalog catalog;
  std::thread second;
  {
    auto writer = writer_of(catalog);
    writer.insert(site_named("first"));
    second = std::thread([&] {
      auto other = writer_of(catalog);
      other.insert(site_named(std::to_string(other.sites().size())));
      other.commit();
    });
    writer.commit();
  }
  second.join();
  CHECK(catalog.query("SELECT name FROM site ORDER BY id") ==
        std::vector<std::string>{"first", "1"});
}

TEST_CASE("rows that foreign keys would have prevented are named as damage", "[sqlite]") {
  const ScratchCatalog catalog;
  REQUIRE(catalog.run("PRAGMA foreign_keys = OFF; INSERT INTO host_asn VALUES (7, 680)").empty());
  CHECK_THROWS_WITH(CatalogReader(catalog.url()).hosts(),
                    Catch::Contains("table host_asn has rows of id 7"));
}
