#include "common/net/asn_prefix.h"

#include <catch2/catch.hpp>

using mirrorway::net::AsnPrefix;

TEST_CASE("a netblock and its AS are read and written alike") {
  for (const char* const text : {"192.0.2.0/24 64496", "2001:db8::/32 4294967295", "0.0.0.0/0 0"})
    CHECK(AsnPrefix::parse(text)->text() == text);
  CHECK(AsnPrefix::parse("192.0.2.0/24\t 64496")->text() == "192.0.2.0/24 64496");
}

TEST_CASE("what is no netblock with an AS is refused with a reason") {
  struct Row {
    const char* line;
    const char* problem;
  };
  const std::vector<Row> rows{
      {"", "no IPv4 or IPv6 address"},
      {"192.0.2.0/24", "no AS number"},
      {"192.0.2.0/24 AS1", "no AS number"},
      {"192.0.2.0/24 1 2", "no AS number"},
      {"192.0.2.0/24 4294967296", "no AS number"},
      {"192.0.2.1/24 1", "is 192.0.2.0/24 meant"},
      {"192.0.2.0/2 1", "bits set past its length"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.line);
    const auto parsed = AsnPrefix::parse(row.line);
    CHECK_FALSE(parsed);
    CHECK_THAT(parsed.reason(), Catch::Contains(row.problem));
  }
}
