// From a snapshot to the cache that MirrorManager's server reads. What such a cache cannot hold is
// written in proto/MIRRORMANAGER.md.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/snapshot.pb.h"

namespace mirrorway::cache_builder {

// Takes the next bytes of the cache.
using ByteSink = std::function<void(std::string_view)>;

// Told how many of the directories, by far the largest part, are handed out.
using ExportProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

// Hands the cache out directory by directory; it is never whole in memory. The snapshot is a valid
// one. Equal snapshots give equal caches; importing the cache of an imported snapshot gives that
// snapshot.
void export_mirrormanager(
    const proto::Snapshot& snapshot, const ByteSink& sink,
    const ExportProgress& progress = [](std::uint64_t, std::uint64_t) {});

// One line for each kind of thing in the snapshot that the cache has no place for.
std::vector<std::string> find_losses(const proto::Snapshot& snapshot);

}  // namespace mirrorway::cache_builder
