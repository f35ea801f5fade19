// The best of many hosts, without looking closely at most of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "common/snapshot/image.h"

namespace mirrorway::selection {

struct Candidate {
  double key;  // rank_key
  snapshot::HostIndex host;

  friend bool operator<(const Candidate& a, const Candidate& b) {
    return std::tie(a.key, a.host) < std::tie(b.key, b.host);
  }
};

// The hosts with the least keys for the client's seed, in order; at most `room`.
std::vector<Candidate> shortlist(const snapshot::Image& image, std::uint64_t seed,
                                 std::span<const snapshot::HostIndex> hosts, std::size_t room);

}  // namespace mirrorway::selection
