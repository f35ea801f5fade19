// Which tier a host is in, and when tiers stop being added.

#include <catch2/catch.hpp>

#include "common/selection/select.h"
#include "tests/support/world.h"

using namespace mirrorway;
using selection::Client;
using selection::Policy;
using tests::client;
using tests::countries;
using tests::everything;
using tests::kNow;
using tests::World;

TEST_CASE("tiers come in their order and stop when there are enough") {
  struct Row {
    const char* rule;
    Client client;
    std::uint32_t min_mirrors;
    const char* expected;
  };
  const World w;
  const auto row = GENERATE(values<Row>({
      {"a country that is enough ends it", client("10.0.0.1", "DE"), 2, "de1 de2"},
      {"the continent follows the country", client("10.0.0.1", "DE"), 3, "de1 de2 | fr1"},
      {"last resort ends the continent before the world begins", client("10.0.0.1", "DE"), 4,
       "de1 de2 | fr1 master"},
      {"the world is last", client("10.0.0.1", "DE"), 5, "de1 de2 | fr1 master | jp1 nowhere us1"},
      {"a country without mirrors starts with its continent", client("10.0.0.1", "PL"), 2,
       "de1 de2 fr1"},
      {"an unknown country gets the world", client("10.0.0.1"), 1, "de1 de2 fr1 jp1 nowhere us1"},
      {"a continent without mirrors gets the world", client("10.0.0.1", "ZA"), 1,
       "de1 de2 fr1 jp1 nowhere us1"},
      {"the netblock tier comes first, longest prefix first", client("192.0.2.65", "DE"), 2,
       "faculty university"},
      {"outside the longer prefix only the shorter counts", client("192.0.2.1", "DE"), 1,
       "university"},
      {"too few in the netblock go on with the country", client("192.0.2.1", "DE"), 2,
       "university | de1 de2"},
      {"the ASN tier follows the netblocks", client("10.0.0.1", "FR", 64500), 2, "provider | fr1"},
      {"netblocks that are enough leave the ASN out", client("192.0.2.1", "FR", 64500), 1,
       "university"},
      {"netblock and ASN together", client("192.0.2.1", "FR", 64500), 2, "university | provider"},
      {"an ASN that no host declares changes nothing", client("10.0.0.1", "FR", 64501), 1, "fr1"},
      {"a monopoly is the whole answer", client("198.51.100.9", "US"), 10, "office"},
  }));
  CAPTURE(row.rule);
  Policy policy;
  policy.min_mirrors = row.min_mirrors;
  CHECK(w.tiers(select(w.image(), everything(w.image()), row.client, policy, kNow)) ==
        row.expected);
}

TEST_CASE("a continent that only the files know is enough for the continent tier") {
  const World w;
  auto who = client("10.0.0.1");
  who.continent = net::Continent::kEu;
  CHECK(w.tiers(select(w.image(), everything(w.image()), who, Policy{3}, kNow)) == "de1 de2 fr1");
}

TEST_CASE("netblocks of both families hold their clients, longest first") {
  tests::Network network;
  network.add_host("de1", "DE");
  for (const auto& [name, netblocks] :
       std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"wide", {"2001:db8::/32"}},
           {"narrow", {"192.0.2.128/25", "2001:db8:1::/48"}},
           {"both", {"192.0.2.0/24", "2001:db8::/32", "2001:db8:1:2::/64"}},
           {"everyone", {"0.0.0.0/0"}},
           {"single", {"2001:db8:ffff::1/128"}}}) {
    auto& host = network.add_host(name, "DE");
    host.set_is_private(true);
    for (const std::string& netblock : netblocks) tests::add_netblock(host, netblock);
  }
  struct Row {
    const char* rule;
    const char* address;
    const char* expected;
    std::vector<unsigned> lengths;
  };
  const auto row = GENERATE(values<Row>({
      {"of two netblocks of one host the longer counts",
       "2001:db8:1:2::9",
       "both narrow wide",
       {64, 48, 32}},
      {"beside the longest, the next", "2001:db8:1:3::9", "narrow", {48, 32, 32}},
      {"a netblock of one address", "2001:db8:ffff::1", "single", {128, 32, 32}},
      {"IPv4 by IPv4's netblocks alone", "192.0.2.129", "narrow both everyone", {25, 24, 0}},
      {"a netblock that holds the whole family", "9.9.9.9", "everyone", {0}},
      {"no netblock of the family", "2001:db9::1", "", {}},
  }));
  CAPTURE(row.rule);
  const World w(network);
  const auto hosts =
      select(w.image(), everything(w.image()), client(row.address, "DE"), Policy{1}, kNow).hosts;
  std::vector<unsigned> lengths;
  std::string names;
  for (const auto& ranked : hosts) {
    if (ranked.tier != selection::Tier::kNetblock) continue;
    lengths.push_back(ranked.prefix_length);
    names += (names.empty() ? "" : " ") + w.name(ranked.host);
  }
  CHECK(lengths == row.lengths);
  CHECK(names.substr(0, std::string_view(row.expected).size()) == row.expected);
}

TEST_CASE("a monopoly ends the answer even behind a longer netblock, unless it may not serve") {
  tests::Network network;
  network.add_host("de1", "DE");
  auto& office = network.add_host("office", "DE");
  office.set_is_monopoly(true);
  tests::add_netblock(office, "192.0.2.0/24");
  auto& desk = network.add_host("desk", "DE");
  tests::add_netblock(desk, "192.0.2.64/26");
  auto& swiss = network.add_host("swiss", "CH");
  swiss.set_is_monopoly(true);
  swiss.add_allowed_countries("CH");
  tests::add_netblock(swiss, "192.0.2.0/25");
  const World w(network);
  const auto ask = [&](const char* address, const char* country) {
    return w.tiers(
        select(w.image(), everything(w.image()), client(address, country), Policy{}, kNow));
  };
  CHECK(ask("192.0.2.65", "DE") == "office");
  CHECK(ask("192.0.2.65", "CH") == "swiss");
  CHECK(ask("192.0.3.1", "DE") == "de1 desk office");
}

TEST_CASE("a host may declare many ASNs, and an ASN many hosts") {
  tests::Network network;
  network.add_host("de1", "DE");
  auto& provider = network.add_host("provider", "FR");
  for (const std::uint32_t asn : {64500U, 64501U, 4'200'000'000U}) provider.add_client_asns(asn);
  provider.set_is_private(true);
  auto& exchange = network.add_host("exchange", "US");
  for (const std::uint32_t asn : {64499U, 64501U}) exchange.add_client_asns(asn);
  const World w(network);
  struct Row {
    std::uint32_t asn;
    const char* expected;
  };
  const auto row = GENERATE(values<Row>({{64499, "exchange | de1"},
                                         {64500, "provider | de1"},
                                         {64501, "exchange provider"},
                                         {4'200'000'000, "provider | de1"},
                                         {64502, "de1 | exchange"}}));
  CAPTURE(row.asn);
  const auto who = client("10.0.0.1", "DE", row.asn);
  const auto result = select(w.image(), everything(w.image()), who, Policy{2}, kNow);
  CHECK(w.tiers(result) == row.expected);
  CHECK(result.used_asn ==
        (row.asn == 64502 ? std::nullopt : std::optional<std::uint32_t>(row.asn)));
}

TEST_CASE("netblock=0 leaves the netblock and ASN tiers out, and monopolies with them") {
  const World w;
  auto query = everything(w.image());
  query.skips_networks = true;
  const auto ask = [&](const Client& who) {
    return w.tiers(select(w.image(), query, who, Policy{1}, kNow));
  };
  CHECK(ask(client("192.0.2.65", "FR", 64500)) == "fr1");
  CHECK(ask(client("198.51.100.9", "US")) == "domestic us1");
}

TEST_CASE("private hosts are on no public list") {
  const World w;
  auto query = everything(w.image());
  query.is_everywhere = true;
  for (const auto& ranked : select(w.image(), query, client("192.0.2.65", "DE"), {}, kNow).hosts)
    CHECK_FALSE(w.image().hosts()[ranked.host].is_private);
  query = everything(w.image());
  query.countries = countries({"DE", "FR"});
  CHECK(w.tiers(select(w.image(), query, client("192.0.2.65", "DE", 64500), {}, kNow)) ==
        "de1 de2 fr1 master");
}

TEST_CASE("the notes name what was used, the client's country first") {
  const World w;
  const auto result =
      select(w.image(), everything(w.image()), client("10.0.0.1", "FR", 64500), Policy{6}, kNow);
  CHECK_FALSE(result.used_netblocks);
  CHECK(result.used_asn == 64500U);
  CHECK_FALSE(result.used_research);
  CHECK(result.countries == countries({"FR", "DE"}));
  CHECK(result.used_global);
}
