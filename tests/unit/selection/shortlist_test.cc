#include "common/selection/shortlist.h"

#include <algorithm>
#include <array>
#include <numeric>

#include <catch2/catch.hpp>

#include "common/selection/rank.h"
#include "tests/support/network.h"

using namespace mirrorway;

namespace {

// Weights from a DSL line to a data centre.
proto::Snapshot snapshot_of(unsigned hosts) {
  tests::Network network;
  for (unsigned i = 0; i < hosts; ++i) {
    constexpr std::array<std::uint32_t, 6> kWeights{1, 50, 100, 1'000, 10'000, 400'000};
    network.add_host(fmt::format("host-{}", i), "DE", kWeights[i % kWeights.size()]);
  }
  return network.snapshot();
}

// The same by looking closely at every host.
std::vector<snapshot::HostIndex> best_by_sorting(const snapshot::Image& image, std::uint64_t seed,
                                                 std::size_t room) {
  std::vector<selection::Candidate> all;
  for (snapshot::HostIndex host = 0; host < image.hosts().size(); ++host) {
    const auto& record = image.hosts()[host];
    all.push_back(
        {selection::rank_key(selection::host_draw(seed, record.id), record.bandwidth_mbps), host});
  }
  std::sort(all.begin(), all.end());
  all.resize(std::min(room, all.size()));
  std::vector<snapshot::HostIndex> hosts;
  hosts.reserve(all.size());
  for (const auto& candidate : all) hosts.push_back(candidate.host);
  return hosts;
}

}  // namespace

TEST_CASE("a shortlist is what sorting all of the hosts begins with") {
  for (const unsigned count : {1U, 39U, 40U, 41U, 700U}) {
    const auto block = snapshot::Image::build(snapshot_of(count));
    const snapshot::Image image(block);
    std::vector<snapshot::HostIndex> hosts(count);
    std::iota(hosts.begin(), hosts.end(), 0U);
    for (const std::size_t room : {0U, 1U, 2U, 40U, 699U, 10'000U}) {
      for (std::uint64_t seed = 0; seed < 200; ++seed) {
        std::vector<snapshot::HostIndex> found;
        for (const auto& candidate : selection::shortlist(image, seed, hosts, room))
          found.push_back(candidate.host);
        CAPTURE(count, room, seed);
        REQUIRE(found == best_by_sorting(image, seed, room));
      }
    }
  }
}
