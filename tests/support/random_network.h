// Networks of every kind of host, for properties that must hold in any of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include "proto/snapshot.pb.h"
#include "tests/support/world.h"

namespace mirrorway::tests {

using Random = std::mt19937;

// The same numbers every time: what a test finds, it finds again.
Random seeded(std::uint32_t seed);

// A number below `bound`, which is positive.
std::size_t below(Random& random, std::size_t bound);
bool chance(Random& random, double probability);

// `hosts` of them in a handful of countries, each with its share of flags, netblocks, ASNs,
// positions and allowed countries; pub/linux/partial is on some. Private hosts are called
// "hidden-N.example". Addresses 10.0.0.0/16 and 2001:db8::/32 have netblocks, AS64500 to AS64509
// announce parts of both, which are in the countries of the hosts; some are research networks.
proto::Snapshot random_network(Random& random, std::size_t hosts);

// Somebody in those networks, or not.
net::Address random_address(Random& random);
selection::Client random_client(Random& random);

}  // namespace mirrorway::tests
