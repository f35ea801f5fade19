#include "common/catalog/catalog_url.h"

#include <catch2/catch.hpp>

using mirrorway::catalog::EngineKind;
using mirrorway::catalog::parse_catalog_url;

TEST_CASE("a catalog URL names a file") {
  struct Row {
    const char* url;
    const char* path;
  };
  const auto row = GENERATE(values<Row>({
      {"sqlite:///var/lib/catalog.db", "/var/lib/catalog.db"},
      {"sqlite:////var/lib/catalog.db", "/var/lib/catalog.db"},
      {"sqlite:catalog.db", "catalog.db"},
      {"sqlite:a folder/catalog.db", "a folder/catalog.db"},
  }));
  CAPTURE(row.url);
  const auto location = parse_catalog_url(row.url);
  REQUIRE(location);
  CHECK(location->engine == EngineKind::kSqlite);
  CHECK(location->target == row.path);
  CHECK(location->name == row.path);
}

TEST_CASE("a catalog URL names a database, and its password is for the database only") {
  struct Row {
    const char* url;
    const char* name;
    const char* password;
  };
  const auto row = GENERATE(values<Row>({
      {"postgresql://db.example/catalog", "postgresql://db.example/catalog", ""},
      {"postgres://u@db.example:5433/catalog", "postgresql://u@db.example:5433/catalog", ""},
      {"postgresql:///catalog?host=/run/postgresql", "postgresql:///catalog?host=/run/postgresql",
       ""},
      {"postgresql://u@%2Frun%2Fpostgresql/catalog", "postgresql://u@/catalog?host=/run/postgresql",
       ""},
      {"postgresql://u:geheim@h/c", "postgresql://u@h/c", "password=geheim"},
      {"postgresql://u@h/c?password=a%20%22b%22%26%27%3D", "postgresql://u@h/c",
       "password=a%20%22b%22%26%27%3D"},
      {"postgresql://h1:1,h2:2/c?sslmode=require", "postgresql://h1,h2:1,2/c", "sslmode=require"},
      {"postgresql://", "postgresql:///", ""},
  }));
  CAPTURE(row.url);
  const auto location = parse_catalog_url(row.url);
  REQUIRE(location);
  CHECK(location->engine == EngineKind::kPostgresql);
  CHECK(location->name == row.name);
  CHECK_THAT(location->target,
             Catch::Contains(row.password) && Catch::StartsWith("postgresql:///?"));
  CHECK_THAT(location->target, Catch::Contains("connect_timeout=10"));
}

TEST_CASE("what the URL says of a connection is kept") {
  CHECK_THAT(parse_catalog_url("postgresql:///c?connect_timeout=3")->target,
             Catch::Contains("connect_timeout=3") && !Catch::Contains("connect_timeout=10"));
}

TEST_CASE("other catalog URLs are refused with the forms that are known") {
  const auto url = GENERATE(
      values<const char*>({"", "sqlite:", "sqlite:///", "sqlite://host/path", "/var/lib/catalog.db",
                           "mysql://host/db", "sqlite:a\"b", "sqlite:a\nb"}));
  CAPTURE(url);
  const auto parsed = parse_catalog_url(url);
  REQUIRE_FALSE(parsed);
  CHECK_THAT(parsed.reason(), Catch::Contains("sqlite:///ABSOLUTE/PATH"));
}

TEST_CASE("a bad URL of a database is refused without its password") {
  struct Row {
    const char* url;
    const char* problem;
  };
  const auto row = GENERATE(values<Row>({
      {"postgresql://u:geheim@h/c?colour=red", "query parameter"},
      {"postgresql://u:geheim%zz@h/c", "percent-encoded"},
      {"postgresql://u:geheim@[::1/c", "IPv6 host address"},
      {"postgresql://u:geheim@h/c\n", "control characters"},
      {"mysql://u:geheim@h/c", "\"mysql\""},
  }));
  CAPTURE(row.url);
  const auto parsed = parse_catalog_url(row.url);
  REQUIRE_FALSE(parsed);
  CHECK_THAT(parsed.reason(), Catch::Contains(row.problem) && !Catch::Contains("geheim"));
}
