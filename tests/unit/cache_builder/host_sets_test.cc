#include "cache_builder/host_sets.h"

#include <catch2/catch.hpp>

using namespace mirrorway::cache_builder;

TEST_CASE("a host set is one bit per host, without zero bytes at its end") {
  std::string set;
  add_host(9, set);
  add_host(0, set);
  add_host(9, set);
  CHECK(set == std::string("\x01\x02"));
  CHECK(hosts_in(set) == std::vector<std::size_t>{0, 9});
  CHECK(hosts_in("").empty());
}

TEST_CASE("equal host sets are stored once, in ascending order") {
  HostSets sets;
  const auto high = sets.intern("\x80");
  const auto low = sets.intern("\x01");
  CHECK(sets.intern("\x80") == high);
  const auto sorted = sets.sorted();
  CHECK(sorted.sets == std::vector<std::string>{"\x01", "\x80"});
  CHECK(sorted.index_of[low] == 0);
  CHECK(sorted.index_of[high] == 1);
}
