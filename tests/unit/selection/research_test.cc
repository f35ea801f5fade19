// The research tier: client and host both on research networks, in one country.

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

namespace {

// 192.0.2.0/24 and 2001:db8:50::/48 are research networks.
proto::Snapshot research_world() {
  tests::Network network;
  network.add_host("plain", "DE");
  network.add_host("open", "DE").set_is_research(true);
  auto& closed = network.add_host("closed", "DE");
  closed.set_is_private(true);
  closed.set_is_research(true);
  auto& serving = network.add_host("serving", "DE");
  serving.set_is_private(true);
  serving.set_is_research(true);
  serving.set_serves_research(true);
  auto& elsewhere = network.add_host("elsewhere", "DE");  // says so, but is on no such network
  elsewhere.set_is_private(true);
  elsewhere.set_serves_research(true);
  auto& french = network.add_host("french", "FR");
  french.set_is_private(true);
  french.set_is_research(true);
  french.set_serves_research(true);
  network.add_host("french-open", "FR").set_is_research(true);
  auto& campus = network.add_host("campus", "US");
  campus.set_is_private(true);
  campus.add_client_asns(64500);
  auto snapshot = network.snapshot();
  tests::add_research_network(snapshot, "192.0.2.0/24");
  tests::add_research_network(snapshot, "2001:db8:50::/48");
  return snapshot;
}

}  // namespace

TEST_CASE("research networks serve each other inside a country") {
  struct Row {
    const char* rule;
    Client client;
    std::uint32_t min_mirrors;
    bool skips_networks;
    const char* expected;
  };
  const World w(research_world());
  const auto row = GENERATE(values<Row>({
      {"public hosts, and private ones that said so", client("192.0.2.1", "DE"), 1, false,
       "open serving"},
      {"by IPv6 as well", client("2001:db8:50:1::1", "DE"), 1, false, "open serving"},
      {"what is missing comes from the country", client("192.0.2.1", "DE"), 3, false,
       "open serving | plain"},
      {"hosts of another country are not in it", client("192.0.2.1", "FR"), 1, false,
       "french french-open"},
      {"a country without research hosts has no such tier", client("192.0.2.1", "PL"), 1, false,
       "french-open open plain"},
      {"a client elsewhere sees only public hosts, as those of its country",
       client("10.0.0.1", "DE"), 1, false, "open plain"},
      {"a client just beside the network", client("192.0.3.0", "DE"), 1, false, "open plain"},
      {"a client whose country nobody knows", client("192.0.2.1"), 1, false,
       "french-open open plain"},
      {"an ASN comes before", client("192.0.2.1", "DE", 64500), 2, false, "campus | open serving"},
      {"an ASN that is enough leaves it out", client("192.0.2.1", "DE", 64500), 1, false, "campus"},
      {"netblock=0 does not mean this tier", client("192.0.2.1", "DE", 64500), 1, true,
       "open serving"},
  }));
  CAPTURE(row.rule);
  auto query = everything(w.image());
  query.skips_networks = row.skips_networks;
  const auto result = select(w.image(), query, row.client, Policy{row.min_mirrors}, kNow);
  CHECK(w.tiers(result) == row.expected);
  const bool is_used = std::any_of(result.hosts.begin(), result.hosts.end(), [](const auto& h) {
    return h.tier == selection::Tier::kResearch;
  });
  CHECK(result.used_research == is_used);
}

TEST_CASE("country= leaves the research tier out, and its private hosts with it") {
  const World w(research_world());
  auto query = everything(w.image());
  query.countries = tests::countries({"DE"});
  const auto result = select(w.image(), query, client("192.0.2.1", "DE"), Policy{}, kNow);
  CHECK(w.tiers(result) == "open plain");
  CHECK_FALSE(result.used_research);
}
