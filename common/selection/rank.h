// The order of hosts inside a tier: weighted rendezvous hashing, bit-identical on every machine.
#pragma once

#include <chrono>
#include <cstdint>

#include "common/net/address.h"

namespace mirrorway::selection {

// What all draws of one client share: its network (/24 or /56 of an unwrapped address) and the
// rotation period that `now` falls into. Each network's periods start at an offset of their own, so
// that clients do not all move at once. `rotation` is positive.
std::uint64_t client_seed(const net::Address& client, std::chrono::system_clock::time_point now,
                          std::chrono::milliseconds rotation);

// The host's 64 random bits for this client.
std::uint64_t host_draw(std::uint64_t seed, std::uint64_t host_id);

// The key of a host with this draw; the least comes first. Positive and finite for any weight >= 1.
double rank_key(std::uint64_t draw, std::uint32_t weight);

// Never greater than rank_key, and within a few per cent of it for the better half of all draws; at
// a fraction of its cost.
double least_rank_key(std::uint64_t draw, std::uint32_t weight);

// −ln(u) for the u in (0,1) that the upper 52 bits of `draw` stand for. Relative error below 1e-11.
double negative_log(std::uint64_t draw);

}  // namespace mirrorway::selection
