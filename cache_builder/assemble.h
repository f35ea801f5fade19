// From the catalog to the message that is served. What goes where is written in proto/SNAPSHOT.md;
// what is left out and why, in DESIGN.md.
#pragma once

#include <cstdint>
#include <functional>

#include "common/catalog/reader.h"
#include "proto/snapshot.pb.h"

namespace mirrorway::cache_builder {

// To be raised with every change that makes another snapshot of the same catalog; otherwise
// `build --if-changed` would keep what the program before this one made.
inline constexpr std::uint32_t kRevision = 1;

// Told how many of the directories have their hosts, which is nearly all of the work.
using AssemblyProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

// Equal states of the catalog give equal messages. Throws base::Error.
proto::Snapshot assemble(
    const catalog::CatalogReader& reader,
    const AssemblyProgress& progress = [](std::uint64_t, std::uint64_t) {});

}  // namespace mirrorway::cache_builder
