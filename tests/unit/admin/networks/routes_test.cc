#include "admin/networks/routes.h"

#include <catch2/catch.hpp>

#include "common/base/error.h"

using namespace mirrorway;
using admin::Route;
using admin::RouteTable;

namespace {

net::Prefix prefix(const char* text) {
  return *net::Prefix::parse(text);
}

Route route(std::string_view path) {
  return {"11.0.0.0/8", path};
}

}  // namespace

TEST_CASE("a line of bgpdump gives a prefix and a path") {
  const auto parsed = Route::parse(
      "TABLE_DUMP2|1700000000|B|192.0.2.1|64496|2600:1::/32|64496 64500|IGP|192.0.2.1|0|0||NAG||");
  REQUIRE(parsed);
  CHECK(parsed->prefix == "2600:1::/32");
  CHECK(parsed->path == "64496 64500");
  CHECK(Route::parse("TABLE_DUMP|1|B|192.0.2.1|1|11.0.0.0/8|1")->path == "1");
}

TEST_CASE("other lines are refused") {
  for (const char* const line :
       {"", "|||||||", "BGP4MP|1700000000|A|192.0.2.1|64496|11.0.0.0/8|64496|IGP",
        "TABLE_DUMP2|1700000000|W|192.0.2.1|64496|11.0.0.0/8|64496", "11.0.0.0/8 1"})
    CHECK_THAT(Route::parse(line).reason(), Catch::Contains("no entry of a routing table"));
}

TEST_CASE("the origin is the path's last AS, of an aggregate the one that made it") {
  CHECK(route("64496 64500").origin() == 64500);
  CHECK(route("4294967295").origin() == 4'294'967'295);
  CHECK(route("64496 64501 {64510,64511}").origin() == 64501);
  CHECK(route("64496 {64510}").origin() == 64510);
  CHECK(route("").origin() == 0);
  CHECK(route("{1,2}").origin() == 0);
  CHECK(route("64496 x").origin() == 0);
  CHECK(route("64496 4294967296").origin() == 0);
  CHECK(route("64496 {").origin() == 64496);
}

TEST_CASE("a path passes through each of its AS") {
  CHECK(route("64496 11537 64500").passes_through({11537}));
  CHECK(route("11537").passes_through({1, 11537}));
  CHECK_FALSE(route("64496 1153 75").passes_through({11537}));
  CHECK_FALSE(route("").passes_through({11537}));
}

TEST_CASE("of several origins most voices count, and of equals the lowest number") {
  RouteTable table;
  table.add(prefix("11.2.0.0/16"), 7);
  table.add(prefix("11.1.0.0/16"), 3);
  table.add_again(2);
  table.add_again(3);
  table.add(prefix("11.1.0.0/16"), 1);
  table.add(prefix("2600::/32"), 9);
  table.add(prefix("11.2.0.0/16"), 5);  // not beside the first
  table.add(prefix("11.0.0.0/8"), 0);
  const std::vector<net::AsnPrefix> expected{{prefix("11.0.0.0/8"), 0},
                                             {prefix("11.1.0.0/16"), 3},
                                             {prefix("11.2.0.0/16"), 5},
                                             {prefix("2600::/32"), 9}};
  CHECK((table.finish() == expected));
}

TEST_CASE("a line of text is a netblock, with its AS or without") {
  CHECK(admin::parse_network_line("11.0.0.0/8 5")->asn == 5);
  CHECK(admin::parse_network_line("11.0.0.0/8")->asn == 0);
  CHECK(admin::parse_network_line("11.0.0.1")->prefix.length() == 32);
  CHECK_FALSE(admin::parse_network_line("11.0.0.0/8 x"));
  CHECK_FALSE(admin::parse_network_line("11.0.0.1/8"));
  CHECK_FALSE(admin::parse_network_line("example"));
}
