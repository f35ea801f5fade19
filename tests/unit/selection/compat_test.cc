// MirrorManager's way: compat = "mirrormanager".

#include <catch2/catch.hpp>

#include "common/selection/select.h"
#include "tests/support/world.h"

using namespace mirrorway;
using namespace std::chrono_literals;
using selection::Client;
using selection::Policy;
using tests::client;
using tests::countries;
using tests::everything;
using tests::kNow;
using tests::World;

namespace {

Policy compat(std::uint32_t min_mirrors = 5) {
  Policy policy{min_mirrors, 65'535, 24h};
  policy.always_adds_continent = true;
  return policy;
}

// Ten hosts in Germany and two in France and in the USA; a netblock, an ASN, a monopoly.
tests::Network compat_world() {
  tests::Network network;
  for (int i = 0; i < 10; ++i) network.add_host(fmt::format("de{}", i), "DE");
  network.add_host("fr1", "FR");
  network.add_host("fr2", "FR");
  network.add_host("us1", "US");
  network.add_host("us2", "US");
  auto& block = network.add_host("block", "US");
  block.set_is_private(true);
  tests::add_netblock(block, "192.0.2.0/24");
  auto& provider = network.add_host("provider", "US");
  provider.set_is_private(true);
  provider.add_client_asns(64500);
  auto& office = network.add_host("office", "US");
  office.set_is_private(true);
  office.set_is_monopoly(true);
  tests::add_netblock(office, "198.51.100.0/24");
  return network;
}

constexpr const char* kGermany = "de0 de1 de2 de3 de4 de5 de6 de7 de8 de9";

}  // namespace

TEST_CASE("in compat mode no tier before the world ends the list") {
  struct Row {
    const char* rule;
    Client client;
    std::uint32_t min_mirrors;
    std::string expected;
  };
  const World w(compat_world());
  const std::string de = kGermany;
  const auto row = GENERATE_COPY(values<Row>({
      {"the continent is added to a country that is enough", client("10.0.0.1", "DE"), 5,
       de + " | fr1 fr2"},
      {"netblock and ASN do not stop the rest", client("192.0.2.1", "DE", 64500), 1,
       "block | provider | " + de + " | fr1 fr2"},
      {"the world is added below the minimum", client("10.0.0.1", "US"), 5,
       "us1 us2 | " + de + " fr1 fr2"},
      {"the world is not added at the minimum", client("10.0.0.1", "US"), 2, "us1 us2"},
      {"netblocks count towards the minimum", client("192.0.2.1", "US"), 3, "block | us1 us2"},
      {"no country, no continent: the world", client("10.0.0.1"), 5, de + " fr1 fr2 us1 us2"},
      {"a monopoly is the whole answer here, too", client("198.51.100.1", "DE"), 5, "office"},
  }));
  CAPTURE(row.rule);
  CHECK(w.tiers(select(w.image(), everything(w.image()), row.client, compat(row.min_mirrors),
                       kNow)) == row.expected);
}

TEST_CASE("in compat mode nothing is cut") {
  tests::Network network;
  for (int i = 0; i < 300; ++i) network.add_host(fmt::format("de{}", i), "DE");
  const World w(network);
  CHECK(select(w.image(), everything(w.image()), client("10.0.0.1", "DE"), compat(), kNow)
            .hosts.size() == 300);
}

TEST_CASE("in compat mode country= keeps the networks off even when it is given up") {
  const World w(compat_world());
  auto query = everything(w.image());
  const auto ask = [&](const char* address, const char* country) {
    query.countries = countries({country});
    return w.tiers(select(w.image(), query, client(address, "US", 64500), compat(), kNow));
  };
  const std::string de = kGermany;
  CHECK(ask("192.0.2.1", "FR") == "fr1 fr2");
  CHECK(ask("192.0.2.1", "PL") == de + " fr1 fr2");
  CHECK(ask("192.0.2.1", "ZA") == "us1 us2 | " + de + " fr1 fr2");
  CHECK(ask("198.51.100.1", "ZA") == "us1 us2 | " + de + " fr1 fr2");
}

TEST_CASE("in compat mode allowed countries and last resort are as ever") {
  const World w;
  const auto ask = [&](const char* country, std::uint32_t min_mirrors) {
    return w.tiers(select(w.image(), everything(w.image()), client("10.0.0.1", country),
                          compat(min_mirrors), kNow));
  };
  CHECK(ask("DE", 3) == "de1 de2 | fr1");
  CHECK(ask("DE", 4) == "de1 de2 | fr1 master");
  CHECK(ask("US", 1) == "domestic us1");
}
