// Distance bands inside the country and continent tiers.

#include <cmath>

#include <catch2/catch.hpp>

#include "common/selection/select.h"
#include "tests/support/world.h"

using namespace mirrorway;
using selection::Band;
using selection::Order;
using selection::Policy;
using selection::Tier;
using tests::client;
using tests::client_at;
using tests::everything;
using tests::kNow;
using tests::World;

namespace {

constexpr double kKmPerDegree = 6371.0088 * 3.14159265358979323846 / 180;

struct Place {
  double latitude;
  double longitude;
};

// In Germany's country tier: one host per name, at kilometres to the east on the equator.
void add_east(tests::Network& network, const std::string& name, double km,
              std::string_view country = "DE", std::uint32_t bandwidth_mbps = 1000) {
  tests::set_position(network.add_host(name, country, bandwidth_mbps), 0, km / kKmPerDegree);
}

Policy all_mirrors(Order order = Order::kDistance) {
  Policy policy{1000, 1000};
  policy.order = order;
  return policy;
}

}  // namespace

TEST_CASE("a host's band is its great-circle distance, whatever lies in between") {
  struct Row {
    const char* rule;
    Place client;
    Place host;
    Band band;
  };
  const auto km = [](double distance) { return distance / kKmPerDegree; };
  const auto row = GENERATE_COPY(values<Row>({
      {"the same spot", {48, 11}, {48, 11}, Band::k500Km},
      {"just within 500 km", {0, 0}, {0, km(499.9)}, Band::k500Km},
      {"just past 500 km", {0, 0}, {0, km(500.1)}, Band::k1000Km},
      {"just within 1,000 km, to the west", {0, 0}, {0, -km(999.9)}, Band::k1000Km},
      {"just past 1,000 km, to the west", {0, 0}, {0, -km(1000.1)}, Band::k2500Km},
      {"just within 2,500 km, to the north", {10, 20}, {10 + km(2499.9), 20}, Band::k2500Km},
      {"just past 2,500 km, to the north", {10, 20}, {10 + km(2500.1), 20}, Band::kBeyond},
      {"just within 500 km, to the south", {-40, 170}, {-40 - km(499.9), 170}, Band::k500Km},
      {"the other side of the Earth", {40, 10}, {-40, -170}, Band::kBeyond},
      {"across the date line", {0, 179}, {0, 179 + km(499.9) - 360}, Band::k500Km},
      {"across the date line the other way", {0, -179}, {0, -179 - km(500.1) + 360}, Band::k1000Km},
      {"both on the date line, spelt in two ways", {30, 180}, {30, -180}, Band::k500Km},
      {"across the pole", {90 - km(200), 30}, {90 - km(299.9), -150}, Band::k500Km},
      {"past 500 km across the pole", {90 - km(200), 30}, {90 - km(300.1), -150}, Band::k1000Km},
      {"degrees of longitude are short near a pole", {85, 0}, {85, 50}, Band::k500Km},
      {"Berlin to Munich, 504 km", {52.5200, 13.4050}, {48.1372, 11.5755}, Band::k1000Km},
      {"Auckland to Fiji, 2,150 km, across the date line",
       {-36.8485, 174.7633},
       {-17.7134, -178.065},
       Band::k2500Km},
      {"Anchorage to Vladivostok, 4,900 km",
       {61.2181, -149.9003},
       {43.1155, 131.8855},
       Band::kBeyond},
  }));
  CAPTURE(row.rule);
  tests::Network network;
  tests::set_position(network.add_host("host", "DE"), row.host.latitude, row.host.longitude);
  const World w(network);
  const auto who = client_at("DE", row.client.latitude, row.client.longitude);
  const auto hosts = select(w.image(), everything(w.image()), who, Policy{}, kNow).hosts;
  REQUIRE(hosts.size() == 1);
  CHECK(hosts.front().band == row.band);
  CHECK(w.image().hosts()[0].position == net::point_at(row.host.latitude, row.host.longitude));
}

TEST_CASE("country and continent are divided into bands, and nothing else is") {
  tests::Network network;
  add_east(network, "de-far", 3000);
  add_east(network, "de-near", 100);
  add_east(network, "de-middle", 2000);
  add_east(network, "de-next", 700);
  network.add_host("de-nowhere", "DE");
  add_east(network, "fr-near", 10, "FR");
  add_east(network, "fr-far", 4000, "FR");
  add_east(network, "us-near", 20, "US");
  add_east(network, "us-far", 9000, "US");
  add_east(network, "block-far", 5000, "US");
  tests::add_netblock(*network.last_host(), "10.0.0.0/24");
  add_east(network, "asn-far", 5000, "US");
  network.last_host()->add_client_asns(64500);
  add_east(network, "lab-far", 5000, "DE");
  network.last_host()->set_is_research(true);
  add_east(network, "lab-near", 50, "DE");
  network.last_host()->set_is_research(true);
  auto snapshot = network.snapshot();
  tests::add_research_network(snapshot, "10.0.0.0/24");
  const World w(snapshot);
  auto who = client_at("DE", 0, 0);
  who.asn = 64500;

  struct Row {
    const char* rule;
    Order order;
    bool has_position;
    const char* expected;
  };
  const auto row = GENERATE(values<Row>({
      {"bands where both sides' cities are known", Order::kDistance, true,
       "block-far | asn-far | lab-far lab-near | de-near / de-next / de-middle de-nowhere / de-far "
       "| "
       "fr-near / fr-far | us-far us-near"},
      {"none for a client whose city is not known", Order::kDistance, false,
       "block-far | asn-far | lab-far lab-near | de-far de-middle de-near de-next de-nowhere | "
       "fr-far fr-near | us-far us-near"},
      {"none when the order is by weight", Order::kWeight, true,
       "block-far | asn-far | lab-far lab-near | de-far de-middle de-near de-next de-nowhere | "
       "fr-far fr-near | us-far us-near"},
  }));
  CAPTURE(row.rule);
  if (!row.has_position) who.position.reset();
  const auto result = select(w.image(), everything(w.image()), who, all_mirrors(row.order), kNow);
  CHECK(w.bands(result) == row.expected);
  const bool has_bands = row.has_position && row.order == Order::kDistance;
  for (const auto& ranked : result.hosts) {
    CAPTURE(w.name(ranked.host));
    const bool is_banded_tier = ranked.tier == Tier::kCountry || ranked.tier == Tier::kContinent;
    CHECK(ranked.band.has_value() ==
          (has_bands && is_banded_tier && w.name(ranked.host) != "de-nowhere"));
  }
}

TEST_CASE("country= has bands round the client, too") {
  tests::Network network;
  add_east(network, "fr-near", 100, "FR");
  add_east(network, "fr-far", 4000, "FR");
  add_east(network, "us-near", 100, "US");
  add_east(network, "us-far", 4000, "US");
  const World w(network);
  auto query = everything(w.image());
  query.countries = tests::countries({"FR", "US"});
  const auto ask = [&] {
    return w.bands(select(w.image(), query, client_at("DE", 0, 0), Policy{}, kNow));
  };
  CHECK(ask() == "fr-near us-near / fr-far us-far");
  query.countries = tests::countries({"PL"});
  CHECK(ask() == "fr-near / fr-far");
  query.is_everywhere = true;
  CHECK(ask() == "fr-far fr-near us-far us-near");
}

TEST_CASE("last resort is behind every band of the others") {
  tests::Network network;
  add_east(network, "de-far", 4000);
  add_east(network, "master-near", 10);
  network.last_host()->set_is_last_resort(true);
  add_east(network, "fr-far", 4000, "FR");
  const World w(network);
  CHECK(w.order(select(w.image(), everything(w.image()), client_at("DE", 0, 0), Policy{}, kNow)) ==
        "de-far fr-far master-near");
}

TEST_CASE("no bandwidth makes up for a band") {
  tests::Network network;
  add_east(network, "slow-near", 400, "DE", 1);
  add_east(network, "fast-far", 600, "DE", 100'000);
  add_east(network, "faster-farther", 1500, "DE", 100'000);
  const World w(network);
  for (int n = 0; n < 200; ++n) {
    auto who = client(fmt::format("10.0.{}.1", n), "DE");
    who.position = net::point_at(0, 0);
    REQUIRE(w.order(select(w.image(), everything(w.image()), who, Policy{}, kNow)) ==
            "slow-near fast-far faster-farther");
  }
}

// So that a band's own order does not depend on who is in the other bands, or where in it they are.
TEST_CASE("inside a band the order is that by weight alone") {
  tests::Network network;
  for (int i = 0; i < 60; ++i)
    add_east(network, fmt::format("h{}", i), 60.0 * i, "DE",
             static_cast<std::uint32_t>(1 + i * 97));
  network.add_host("unknown", "DE", 5000);
  const World w(network);
  for (int n = 0; n < 100; ++n) {
    auto who = client(fmt::format("10.0.{}.1", n), "DE");
    who.position = net::point_at(0, 0);
    const auto ask = [&](Order order) {
      return select(w.image(), everything(w.image()), who, all_mirrors(order), kNow).hosts;
    };
    const auto banded = ask(Order::kDistance);
    std::vector<Band> bands(w.image().hosts().size());
    for (const auto& ranked : banded) bands[ranked.host] = ranked.band.value_or(Band::k2500Km);
    auto expected = ask(Order::kWeight);
    std::stable_sort(expected.begin(), expected.end(),
                     [&](const auto& a, const auto& b) { return bands[a.host] < bands[b.host]; });
    REQUIRE(banded.size() == expected.size());
    for (std::size_t i = 0; i < banded.size(); ++i) REQUIRE(banded[i].host == expected[i].host);

    // However few are asked for, they are the first of these.
    for (const std::uint32_t max : {1U, 7U, 30U, 45U}) {
      Policy policy = all_mirrors();
      policy.max_mirrors = max;
      const auto cut = select(w.image(), everything(w.image()), who, policy, kNow).hosts;
      REQUIRE(cut.size() == max);
      for (std::size_t i = 0; i < cut.size(); ++i) REQUIRE(cut[i].host == expected[i].host);
    }
  }
}
