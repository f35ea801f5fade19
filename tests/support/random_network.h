// Networks of every kind of host, for properties that must hold in any of them.
#pragma once

#include <cstddef>
#include <string>

#include "proto/snapshot.pb.h"
#include "tests/support/random.h"
#include "tests/support/world.h"

namespace mirrorway::tests {

// `hosts` of them in a handful of countries, each with its share of flags, netblocks, ASNs,
// positions and allowed countries; pub/linux/partial is on some. Private hosts are called
// "hidden-N.example". Addresses 10.0.0.0/16 and 2001:db8::/32 have netblocks, AS64500 to AS64509
// announce parts of both, which are in the countries of the hosts; some are research networks.
proto::Snapshot random_network(Random& random, std::size_t hosts);

// Somebody in those networks, or not.
net::Address random_address(Random& random);
selection::Client random_client(Random& random);

}  // namespace mirrorway::tests
