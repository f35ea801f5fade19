// Bounds of what a snapshot may hold; SNAPSHOT.md lists them. Far above any real network, so that
// they only stop damage.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mirrorway::snapshot {

inline constexpr std::size_t kMaxHosts = 65'535;
inline constexpr std::size_t kMaxCategories = 255;
inline constexpr std::size_t kMaxUrlsPerCarriage = 16;
inline constexpr std::size_t kMaxNameBytes = 255;  // of hosts, sites, categories, repositories, …
inline constexpr std::uint32_t kMaxBandwidthMbps = 100'000;
inline constexpr std::size_t kMaxRedirects = 8;  // one after another

}  // namespace mirrorway::snapshot
