// What must not be lost from one snapshot to the next without somebody having said so. The rules
// and their reasons: DESIGN.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/percent.h"
#include "proto/snapshot.pb.h"

namespace mirrorway::cache_builder {

// All that is compared of a snapshot; small, so that the snapshot itself need not be kept.
struct Census {
  struct Repository {
    std::string name;
    std::string architecture;
    std::size_t hosts;
  };

  // Hashes, of this process only, ascending: of where a host is, the least of the names in its
  // URLs, as ids and names change when a catalog is made anew; and of a directory's path.
  std::vector<std::uint64_t> hosts;
  std::vector<std::uint64_t> directories;
  std::vector<Repository> repositories;  // those not disabled; by name, then architecture
};

Census take_census(const proto::Snapshot& snapshot);

// The losses that are too large, each in words: "231 of 531 hosts", "hosts of repository os x86_64
// 9 to 4". With a `max_loss` of 100% everything is allowed.
std::vector<std::string> find_heavy_losses(const Census& before, const Census& after,
                                           base::Share max_loss);

}  // namespace mirrorway::cache_builder
