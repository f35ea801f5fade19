#include "common/net/address.h"

#include <catch2/catch.hpp>

using namespace mirrorway::net;

namespace {

Address address(const char* text) {
  return *Address::parse(text);
}

}  // namespace

TEST_CASE("addresses read back in their canonical form") {
  struct Row {
    const char* text;
    const char* expected;
  };
  const auto row = GENERATE(values<Row>({{"192.0.2.1", "192.0.2.1"},
                                         {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
                                         {"::", "::"},
                                         {"::ffff:192.0.2.1", "::ffff:192.0.2.1"}}));
  CHECK(address(row.text).text() == row.expected);
  CHECK(Address::from_bytes(address(row.text).bytes()) == address(row.text));
}

TEST_CASE("what is no address is refused with the text quoted") {
  const auto text = GENERATE(values<std::string>(
      {"", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1.2.3.4 ", "fe80::1%eth0", "[::1]",
       "::1::2", "example.org", std::string("1.2.3.4\0x", 9), std::string(1000, '1')}));
  const auto parsed = Address::parse(text);
  REQUIRE_FALSE(parsed);
  CHECK_THAT(parsed.reason(), Catch::Contains("is no IPv4 or IPv6 address"));
}

TEST_CASE("IPv4 inside mapped, 6to4 and Teredo addresses is found") {
  struct Row {
    const char* text;
    const char* expected;
  };
  const auto row = GENERATE(values<Row>({{"::ffff:192.0.2.1", "192.0.2.1"},
                                         {"2002:c000:0201::1", "192.0.2.1"},
                                         {"2001:0:4136:e378:8000:63bf:3fff:fdd2", "192.0.2.45"},
                                         {"2001:db8::1", "2001:db8::1"},
                                         {"2001:1::1", "2001:1::1"},
                                         {"192.0.2.1", "192.0.2.1"}}));
  CHECK(address(row.text).unwrapped() == address(row.expected));
}

TEST_CASE("a netblock holds exactly the addresses that share its bits") {
  struct Row {
    const char* prefix;
    const char* address;
    bool is_inside;
  };
  const auto row = GENERATE(values<Row>({{"192.0.2.0/24", "192.0.2.255", true},
                                         {"192.0.2.0/24", "192.0.3.0", false},
                                         {"192.0.2.128/25", "192.0.2.127", false},
                                         {"0.0.0.0/0", "255.1.2.3", true},
                                         {"0.0.0.0/0", "::1", false},
                                         {"192.0.2.1", "192.0.2.1", true},
                                         {"2001:db8::/33", "2001:db8:7fff::1", true},
                                         {"2001:db8::/33", "2001:db8:8000::1", false},
                                         {"::/0", "2001:db8::1", true},
                                         {"2001:db8::1/128", "2001:db8::1", true}}));
  CAPTURE(row.prefix, row.address);
  CHECK(Prefix::parse(row.prefix)->contains(address(row.address)) == row.is_inside);
}

TEST_CASE("a netblock that is none is refused with the reason") {
  struct Row {
    const char* text;
    const char* reason;
  };
  const auto row = GENERATE(values<Row>({{"192.0.2.1/24", "is 192.0.2.0/24 meant?"},
                                         {"2001:db8::1/32", "is 2001:db8::/32 meant?"},
                                         {"192.0.2.0/33", "no prefix length from 0 to 32"},
                                         {"::/129", "no prefix length from 0 to 128"},
                                         {"192.0.2.0/", "no prefix length"},
                                         {"192.0.2.0/255.255.255.0", "no prefix length"},
                                         {"mirror.example/24", "is no IPv4 or IPv6 address"}}));
  const auto parsed = Prefix::parse(row.text);
  REQUIRE_FALSE(parsed);
  CHECK_THAT(parsed.reason(), Catch::Contains(row.reason));
}

TEST_CASE("a netblock comes directly before those inside it") {
  CHECK(*Prefix::parse("10.0.0.0/8") < *Prefix::parse("10.0.0.0/16"));
  CHECK(*Prefix::parse("10.0.0.0/16") < *Prefix::parse("10.1.0.0/16"));
  CHECK(*Prefix::parse("255.0.0.0/8") < *Prefix::parse("::/0"));
}
