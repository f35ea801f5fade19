#include "common/net/special_purpose.h"

#include <catch2/catch.hpp>

using namespace mirrorway::net;

TEST_CASE("netblocks that no client on the Internet has are known") {
  struct Row {
    const char* netblock;
    const char* purpose;  // "": none
  };
  const std::vector<Row> rows{
      {"10.0.0.0/8", "private"},
      {"10.20.30.0/24", "private"},
      {"172.16.0.0/16", "private"},
      {"172.31.255.255/32", "private"},
      {"172.32.0.0/16", ""},
      {"192.168.0.0/16", "private"},
      {"100.64.0.0/16", "carriers"},
      {"100.128.0.0/16", ""},
      {"127.0.0.1/32", "loopback"},
      {"169.254.0.0/16", "link-local"},
      {"192.0.2.0/24", "documentation"},
      {"192.0.3.0/24", ""},
      {"198.19.0.0/16", "benchmarks"},
      {"203.0.113.128/25", "documentation"},
      {"203.0.112.0/22", "documentation"},  // holds one
      {"224.0.0.0/24", "multicast"},
      {"255.255.255.255/32", "reserved"},
      {"0.0.0.0/0", "this network"},
      {"8.8.8.0/24", ""},
      {"2001:db8:1::/48", "documentation"},
      {"2001::/32", "Teredo"},
      {"2001:200::/32", ""},
      {"2002:c000:200::/40", "6to4"},
      {"2600::/32", ""},
      {"3fff::/32", "documentation"},
      {"3ffe::/32", ""},
      {"fd00:1::/32", "private"},
      {"fe80::/64", "link-local"},
      {"ff02::/32", "multicast"},
      {"::1/128", "outside"},
      {"::ffff:0:0/96", "outside"},
      {"64:ff9b::/96", "outside"},
      {"4000::/32", "outside"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.netblock);
    const auto found = find_special_purpose(*Prefix::parse(row.netblock));
    CHECK(found.has_value() == (*row.purpose != '\0'));
    CHECK_THAT(std::string(found.value_or("")), Catch::Contains(row.purpose));
  }
}

TEST_CASE("a host's netblock is at most a /16 or a /32, and no special one") {
  struct Row {
    const char* netblock;
    const char* problem;
  };
  const std::vector<Row> rows{
      {"11.1.0.0/16", ""},        {"11.1.2.3/32", ""},        {"11.0.0.0/15", "than /16"},
      {"10.0.0.0/8", "than /16"}, {"10.1.0.0/16", "private"}, {"2600:1::/32", ""},
      {"2600:1::1/128", ""},      {"2600::/31", "than /32"},  {"fd00::/48", "RFC 4193"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.netblock);
    const auto problem = find_netblock_problem(*Prefix::parse(row.netblock));
    CHECK(problem.has_value() == (*row.problem != '\0'));
    CHECK_THAT(problem.value_or(""), Catch::Contains(row.problem));
  }
}
