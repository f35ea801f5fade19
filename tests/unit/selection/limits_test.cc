// min_mirrors, max_mirrors, and hosts of last resort.

#include <catch2/catch.hpp>

#include "common/selection/select.h"
#include "tests/support/world.h"

using namespace mirrorway;
using selection::Client;
using selection::Policy;
using tests::client;
using tests::everything;
using tests::kNow;
using tests::World;

TEST_CASE("the answer is cut to max_mirrors, and tiers are added below min_mirrors only") {
  tests::Network network;
  for (int i = 0; i < 4; ++i) network.add_host(fmt::format("de{}", i), "DE");
  for (int i = 0; i < 4; ++i) network.add_host(fmt::format("fr{}", i), "FR");
  for (int i = 0; i < 4; ++i) network.add_host(fmt::format("us{}", i), "US");
  for (int i = 0; i < 3; ++i)
    tests::add_netblock(network.add_host(fmt::format("net{}", i), "US"), "192.0.2.0/24");
  const World w(network);
  struct Row {
    const char* rule;
    const char* address;
    std::uint32_t min_mirrors;
    std::uint32_t max_mirrors;
    std::vector<std::size_t> sizes;  // of the tiers in the answer
  };
  const auto row = GENERATE(values<Row>({
      {"a tier is taken whole, past the minimum", "10.0.0.1", 1, 40, {4}},
      {"exactly enough is enough", "10.0.0.1", 4, 40, {4}},
      {"one too few adds the next tier whole", "10.0.0.1", 5, 40, {4, 4}},
      {"the maximum cuts the last tier", "10.0.0.1", 5, 6, {4, 2}},
      {"the maximum cuts the first tier", "10.0.0.1", 1, 3, {3}},
      {"a maximum of one", "10.0.0.1", 1, 1, {1}},
      {"all there are is all there is", "10.0.0.1", 40, 40, {4, 4, 7}},
      {"the maximum cuts netblocks as well", "192.0.2.1", 1, 2, {2}},
      {"netblocks count towards the minimum", "192.0.2.1", 4, 40, {3, 4}},
      {"netblocks fill the maximum", "192.0.2.1", 3, 3, {3}},
  }));
  CAPTURE(row.rule);
  const Policy policy{row.min_mirrors, row.max_mirrors};
  const auto hosts =
      select(w.image(), everything(w.image()), client(row.address, "DE"), policy, kNow).hosts;
  std::vector<std::size_t> sizes;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    if (i == 0 || hosts[i].tier != hosts[i - 1].tier) sizes.push_back(0);
    ++sizes.back();
  }
  CHECK(sizes == row.sizes);
}

TEST_CASE("without a policy of its own a list has 10 to 40 mirrors") {
  tests::Network network;
  for (int i = 0; i < 9; ++i) network.add_host(fmt::format("de{}", i), "DE");
  for (int i = 0; i < 50; ++i) network.add_host(fmt::format("fr{}", i), "FR");
  const World w(network);
  const auto count = [&](const char* country) {
    return select(w.image(), everything(w.image()), client("10.0.0.1", country), {}, kNow)
        .hosts.size();
  };
  CHECK(count("DE") == 40);
  CHECK(count("FR") == 40);
}

TEST_CASE("hosts of last resort are behind all others of their continent, if they are needed") {
  struct Row {
    const char* rule;
    Client client;
    std::uint32_t min_mirrors;
    const char* expected;
  };
  tests::Network network;
  network.add_host("de1", "DE");
  network.add_host("fr1", "FR");
  network.add_host("us1", "US");
  network.add_host("master", "DE").set_is_last_resort(true);
  network.add_host("sponsor", "US").set_is_last_resort(true);
  auto& closed = network.add_host("closed", "FR");
  closed.set_is_last_resort(true);
  closed.set_is_private(true);
  tests::add_netblock(closed, "192.0.2.0/24");
  const World w(network);
  const auto row = GENERATE(values<Row>({
      {"left out when the country is enough", client("10.0.0.1", "DE"), 1, "de1"},
      {"left out when the continent is enough", client("10.0.0.1", "DE"), 2, "de1 | fr1"},
      {"behind the continent, before the world", client("10.0.0.1", "DE"), 3, "de1 | fr1 master"},
      {"behind the world when it is elsewhere", client("10.0.0.1", "DE"), 5,
       "de1 | fr1 master | sponsor us1"},
      {"left out when the world is enough without", client("10.0.0.1", "DE"), 4,
       "de1 | fr1 master | us1"},
      {"it is the only one of its country", client("10.0.0.1", "US"), 2, "us1 | sponsor"},
      {"the world, without a country", client("10.0.0.1"), 3, "de1 fr1 us1"},
      {"in its own netblock it is a host like others", client("192.0.2.1", "DE"), 1, "closed"},
  }));
  CAPTURE(row.rule);
  const Policy policy{row.min_mirrors};
  CHECK(w.tiers(select(w.image(), everything(w.image()), row.client, policy, kNow)) ==
        row.expected);
}

TEST_CASE("whatever the hash says, last resort is last of its tier") {
  const World w;
  for (int n = 0; n < 50; ++n) {
    const auto who = client(fmt::format("10.0.{}.1", n), "FR");
    const auto hosts = select(w.image(), everything(w.image()), who, Policy{4}, kNow).hosts;
    REQUIRE(hosts.size() == 4);
    REQUIRE(w.name(hosts.back().host) == "master");
  }
}
