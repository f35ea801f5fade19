#include "common/net/loose_netblock.h"

#include <catch2/catch.hpp>

using namespace mirrorway::net;

TEST_CASE("netblocks are read in every spelling that people use") {
  struct Row {
    const char* text;
    const char* netblock;  // nullptr: refused
    bool was_masked;
  };
  const auto row = GENERATE(values<Row>({
      {"10.0.0.0/8", "10.0.0.0/8", false},
      {"10.1.2.3/8", "10.0.0.0/8", true},
      {"10.1.2.3", "10.1.2.3/32", false},
      {"10.0.0.0/255.0.0.0", "10.0.0.0/8", false},
      {"10.1.0.0/255.255.255.255", "10.1.0.0/32", false},
      {"10.1.0.0/255.255.254.0", "10.1.0.0/23", false},
      {"10.0.0.0/0.0.0.0", "0.0.0.0/0", true},
      {"2001:db8::/32", "2001:db8::/32", false},
      {"2001:db8::1/32", "2001:db8::/32", true},
      {"2001:db8::1", "2001:db8::1/128", false},
      {"2001:db8::/ffff:ffff::", "2001:db8::/32", false},
      {"10.0.0.0/255.0.255.0", nullptr, false},
      {"10.0.0.0/0.0.0.255", nullptr, false},
      {"10.0.0.0/33", nullptr, false},
      {"10.0.0.0/", nullptr, false},
      {"10.0.0.0/ffff::", nullptr, false},
      {"10.0.0", nullptr, false},
      {"mirror.example", nullptr, false},
      {"", nullptr, false},
  }));
  CAPTURE(row.text);
  const auto parsed = parse_loose_netblock(row.text);
  REQUIRE(static_cast<bool>(parsed) == (row.netblock != nullptr));
  if (!parsed) return;
  CHECK(parsed->prefix.text() == row.netblock);
  CHECK(parsed->was_masked == row.was_masked);
}
