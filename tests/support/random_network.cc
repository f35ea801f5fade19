#include "tests/support/random_network.h"

#include <algorithm>
#include <array>
#include <set>

#include "common/snapshot/asn_table.h"
#include "common/snapshot/netblock.h"

namespace mirrorway::tests {
namespace {

constexpr std::array<std::string_view, 7> kCountries{"DE", "FR", "US", "CA", "JP", "BR", ""};
constexpr std::uint32_t kFirstAsn = 64500;
constexpr std::size_t kAsns = 10;

std::string_view random_country(Random& random) {
  return kCountries[below(random, kCountries.size())];
}

// Around random_address() or a part of it.
std::string random_netblock(Random& random) {
  const auto at = random_address(random);
  constexpr std::array<unsigned, 5> kIpv4Lengths{16, 20, 24, 26, 32};
  constexpr std::array<unsigned, 5> kIpv6Lengths{32, 40, 48, 64, 128};
  const auto& lengths = at.family() == net::Family::kIpv4 ? kIpv4Lengths : kIpv6Lengths;
  const unsigned length = lengths[below(random, lengths.size())];
  return net::Prefix::make(at.masked(length), length)->text();
}

std::set<net::Prefix> random_netblocks(Random& random, std::size_t count) {
  std::set<net::Prefix> netblocks;
  for (std::size_t i = 0; i < count; ++i)
    netblocks.insert(*net::Prefix::parse(random_netblock(random)));
  return netblocks;
}

void add_networks(Random& random, proto::Host& host) {
  for (const auto& netblock : random_netblocks(random, below(random, 3)))
    add_netblock(host, netblock.text());
  std::set<std::uint32_t> asns;
  for (std::size_t i = below(random, 3); i > 0; --i)
    asns.insert(kFirstAsn + static_cast<std::uint32_t>(below(random, kAsns)));
  for (const std::uint32_t asn : asns) host.add_client_asns(asn);
}

void add_random_host(Random& random, std::size_t number, Network& network) {
  const bool is_private = chance(random, 0.4);
  auto& host = network.add_host(
      fmt::format("{}-{}.example", is_private ? "hidden" : "open", number), random_country(random),
      1 + static_cast<std::uint32_t>(below(random, 100'000)));
  host.set_is_private(is_private);
  host.set_is_monopoly(chance(random, 0.05));
  host.set_is_last_resort(chance(random, 0.1));
  host.set_is_research(chance(random, 0.3));
  host.set_serves_research(chance(random, 0.5));
  if (chance(random, 0.5))
    set_position(host, static_cast<double>(below(random, 181)) - 90,
                 static_cast<double>(below(random, 361)) - 180);
  for (std::size_t i = chance(random, 0.2) ? 1 + below(random, 2) : 0; i > 0; --i)
    host.add_allowed_countries(std::string(kCountries[below(random, kCountries.size() - 1)]));
  if (chance(random, 0.6)) add_networks(random, host);
}

void add_country_netblocks(Random& random, proto::Snapshot& snapshot) {
  for (const auto& prefix : random_netblocks(random, 12)) {
    auto& entry = *snapshot.add_netblock_countries();
    *entry.mutable_netblock() = snapshot::to_proto(prefix);
    entry.set_country(std::string(kCountries[below(random, kCountries.size() - 1)]));
  }
}

}  // namespace

proto::Snapshot random_network(Random& random, std::size_t hosts) {
  Network network;
  std::vector<std::size_t> partial;
  for (std::size_t i = 0; i < hosts; ++i) {
    add_random_host(random, i, network);
    if (chance(random, 0.5)) partial.push_back(i);
  }
  network.set_partial(partial);
  auto snapshot = network.snapshot();
  add_country_netblocks(random, snapshot);
  for (const auto& prefix : random_netblocks(random, 4))
    add_research_network(snapshot, prefix.text());
  std::vector<snapshot::AsnPrefix> announced;
  for (const auto& prefix : random_netblocks(random, 20))
    announced.push_back({prefix, kFirstAsn + static_cast<std::uint32_t>(below(random, kAsns))});
  *snapshot.mutable_asns() = snapshot::encode_asn_table(announced);
  return snapshot;
}

net::Address random_address(Random& random) {
  const auto byte = [&] { return below(random, 256); };
  switch (below(random, 5)) {
    case 0:
      return address(fmt::format("2001:db8:{:x}::{:x}", below(random, 4), byte()));
    case 1:
      return address(fmt::format("198.51.{}.{}", byte(), byte()));
    default:
      return address(fmt::format("10.0.{}.{}", below(random, 4), byte()));
  }
}

selection::Client random_client(Random& random) {
  auto result = client(random_address(random).text(), random_country(random));
  if (chance(random, 0.5))
    result.asn = kFirstAsn + static_cast<std::uint32_t>(below(random, kAsns));
  if (chance(random, 0.5))
    result.position = net::point_at(static_cast<double>(below(random, 181)) - 90,
                                    static_cast<double>(below(random, 361)) - 180);
  return result;
}

}  // namespace mirrorway::tests
