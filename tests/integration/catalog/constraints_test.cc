// What somebody with a database shell can and cannot do to the catalog.
#include <catch2/catch.hpp>

#include "tests/support/scratch_catalog.h"

using mirrorway::tests::ScratchCatalog;

namespace {

constexpr const char* kRows =
    "INSERT INTO site (id, name) VALUES (1, 's');"
    "INSERT INTO host (id, site_id, name) VALUES (1, 1, 'h'), (2, 1, 'h2');"
    "INSERT INTO category (id, name, top_directory) VALUES (1, 'c', 'c');"
    "INSERT INTO host_category (id, host_id, category_id) VALUES (1, 1, 1), (2, 2, 1);"
    "INSERT INTO directory (id, path, category_id) VALUES (1, 'c/d', 1);";

}  // namespace

TEST_CASE("the tables refuse nonsense also from a database shell") {
  struct Row {
    const char* sql;
    const char* problem;
  };
  const std::vector<Row> rows{
      {"INSERT INTO site (name) VALUES ('s')", "UNIQUE"},
      {"INSERT INTO site (name) VALUES ('')", "CHECK"},
      {"INSERT INTO site (name) VALUES (' x')", "CHECK"},
      {"INSERT INTO site (name) VALUES (NULL)", "NOT NULL"},
      {"INSERT INTO site (name, url) VALUES ('x', 'www.example')", "CHECK"},
      {"INSERT INTO site (name, is_active) VALUES ('x', 2)", "CHECK"},
      {"INSERT INTO host (site_id, name) VALUES (1, 'h')", "UNIQUE"},
      {"INSERT INTO host (site_id, name) VALUES (9, 'x')", "FOREIGN KEY"},
      {"UPDATE host SET country = 'ZZ'", "FOREIGN KEY"},
      {"UPDATE host SET country = 'de'", "FOREIGN KEY"},
      {"UPDATE host SET latitude = 1", "CHECK"},
      {"UPDATE host SET latitude = 91, longitude = 0", "CHECK"},
      {"UPDATE host SET latitude = 'north', longitude = 0", "CHECK"},
      {"UPDATE host SET bandwidth_mbps = 0", "CHECK"},
      {"UPDATE host SET bandwidth_mbps = 100001", "CHECK"},
      {"UPDATE host SET bandwidth_mbps = 'fast'", "CHECK"},
      {"UPDATE host SET asn = 0", "CHECK"},
      {"INSERT INTO host_asn VALUES (1, 4294967296)", "CHECK"},
      {"INSERT INTO host_netblock VALUES (1, '192.0.2.0')", "CHECK"},
      {"INSERT INTO host_netblock VALUES (1, 'example/24')", "CHECK"},
      {"INSERT INTO host_netblock VALUES (1, '192.0.2.0/24/8')", "CHECK"},
      {"INSERT INTO host_netblock VALUES (1, '2001:DB8::/32')", "CHECK"},
      {"INSERT INTO host_allowed_country VALUES (1, 'EU')", "FOREIGN KEY"},
      {"INSERT INTO netblock_country VALUES ('192.0.2.0/24', 'XX')", "FOREIGN KEY"},
      {"INSERT INTO research_netblock (netblock) VALUES ('192.0.2.0')", "CHECK"},
      {"INSERT INTO research_netblock (netblock) VALUES (NULL)", "NOT NULL"},
      {"INSERT INTO research_netblock VALUES ('192.0.2.0/24', 2)", "CHECK"},
      {"UPDATE host SET any_netblocks = 2", "CHECK"},
      {"INSERT INTO host_cloud VALUES (1, 'azur', 'x')", "CHECK"},
      {"INSERT INTO host_cloud VALUES (1, 'aws', 'EU')", "CHECK"},
      {"INSERT INTO host_cloud VALUES (1, 'aws', '')", "CHECK"},
      {"INSERT INTO host_cloud VALUES (99, 'aws', 'x')", "FOREIGN KEY"},
      {"INSERT INTO cloud_netblock VALUES ('aws', 'x', '192.0.2.0')", "CHECK"},
      {"INSERT INTO cloud_netblock VALUES ('x', 'x', '192.0.2.0/24')", "CHECK"},
      {"INSERT INTO asn_block VALUES ('192.0.0.0/16', '192.0.2.0/24 1')", "CHECK"},
      {"INSERT INTO asn_block VALUES ('192.0.0.0/8', '')", "CHECK"},
      {"UPDATE host SET serves_research = 2", "CHECK"},
      {"INSERT INTO country_continent_override VALUES ('TR', 'XX')", "CHECK"},
      {"INSERT INTO country VALUES ('u1', 'EU')", "CHECK"},
      {"INSERT INTO category (name, top_directory) VALUES ('x', '/x')", "CHECK"},
      {"INSERT INTO category (name, top_directory) VALUES ('x', 'x//y')", "CHECK"},
      {"INSERT INTO host_category (host_id, category_id) VALUES (1, 1)", "UNIQUE"},
      {"INSERT INTO host_category_url VALUES (1, 'gopher://h/c')", "CHECK"},
      {"INSERT INTO host_category_url VALUES (1, 'https://h/c/')", "CHECK"},
      {"INSERT INTO host_category_url VALUES (1, 'https://h/a b')", "CHECK"},
      {"INSERT INTO directory (path, category_id) VALUES ('c/d', 1)", "UNIQUE"},
      {"INSERT INTO directory (path, category_id) VALUES ('c/d/', 1)", "CHECK"},
      {"INSERT INTO host_category_directory VALUES (1, 1, 2)", "CHECK"},
      {"INSERT INTO file_detail (directory_id, name, size, timestamp, sha256) "
       "VALUES (1, 'f', 1, 1, 'abc')",
       "CHECK"},
      {"INSERT INTO file_detail (directory_id, name, size, timestamp, md5) "
       "VALUES (1, 'f', 1, 1, 'XX345678901234567890123456789012')",
       "CHECK"},
      {"INSERT INTO file_detail (directory_id, name, size, timestamp) VALUES (1, 'a/b', 1, 1)",
       "CHECK"},
      {"INSERT INTO repository (name, architecture, directory_id) VALUES ('r 1', 'a', 1)", "CHECK"},
      {"INSERT INTO repository_redirect VALUES ('a', 'a')", "CHECK"},
      {"INSERT INTO catalog_state VALUES (2, 0, 0)", "CHECK"},
      {"DELETE FROM site", "FOREIGN KEY"},
      {"DELETE FROM category", "FOREIGN KEY"},
      {"DELETE FROM country WHERE code = 'DE'; INSERT INTO host_allowed_country VALUES (1, 'DE')",
       "FOREIGN KEY"},
  };
  const ScratchCatalog catalog;
  REQUIRE(catalog.run(kRows).empty());
  for (const Row& row : rows) {
    CAPTURE(row.sql);
    CHECK_THAT(catalog.run(row.sql), Catch::Contains(row.problem));
  }
}

TEST_CASE("what is unusual but right is accepted") {
  const ScratchCatalog catalog;
  REQUIRE(catalog.run(kRows).empty());
  const auto sql = GENERATE(values<const char*>({
      // CDN and anycast mirrors: one URL, two hosts.
      "INSERT INTO host_category_url VALUES (1, 'https://cdn.example/c'), "
      "(2, 'https://cdn.example/c')",
      "INSERT INTO site (name) VALUES ('t');"
      "INSERT INTO host (site_id, name) SELECT id, 'h' FROM site WHERE name = 't'",
      "INSERT INTO host_netblock VALUES (1, '2001:db8::/32'), (2, '2001:db8::/32'), (1, '::/0')",
      "UPDATE host SET latitude = -90, longitude = 180, country = 'XK', asn = 4294967295",
      "INSERT INTO category (name, top_directory) VALUES ('all', '')",
      "INSERT INTO repository_redirect VALUES ('core', 'core-9')",
  }));
  CAPTURE(sql);
  CHECK(catalog.run(sql).empty());
}

TEST_CASE("removing a host takes all that only describes it along") {
  const ScratchCatalog catalog;
  REQUIRE(catalog.run(kRows).empty());
  REQUIRE(catalog
              .run("INSERT INTO host_asn VALUES (1, 680);"
                   "INSERT INTO host_netblock VALUES (1, '192.0.2.0/24');"
                   "INSERT INTO host_category_url VALUES (1, 'https://h/c');"
                   "INSERT INTO host_category_directory VALUES (1, 1, 1);"
                   "DELETE FROM host WHERE id = 1")
              .empty());
  CHECK_THAT(catalog.dump(), !Catch::Contains("680") && !Catch::Contains("192.0.2.0") &&
                                 !Catch::Contains("https://h/c") &&
                                 !Catch::Contains("host_category_directory: "));
}
