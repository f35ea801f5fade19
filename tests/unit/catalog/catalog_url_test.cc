#include "common/catalog/catalog_url.h"

#include <catch2/catch.hpp>

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
  CHECK(*parse_catalog_url(row.url) == row.path);
}

TEST_CASE("other catalog URLs are refused with the forms that are known") {
  const auto url = GENERATE(
      values<const char*>({"", "sqlite:", "sqlite:///", "sqlite://host/path", "/var/lib/catalog.db",
                           "postgresql://host/db", "sqlite:a\"b", "sqlite:a\nb"}));
  CAPTURE(url);
  const auto parsed = parse_catalog_url(url);
  REQUIRE_FALSE(parsed);
  CHECK_THAT(parsed.reason(), Catch::Contains("sqlite:///ABSOLUTE/PATH"));
}
