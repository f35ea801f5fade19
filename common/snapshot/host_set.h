// Sets of hosts as rows of bits, one per host of the image. The rows of one image have the same
// number of words.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace mirrorway::snapshot {

using HostIndex = std::uint32_t;
using HostWord = std::uint64_t;
inline constexpr std::size_t kHostsPerWord = 64;

// A row that somebody else keeps.
using HostSet = std::span<const HostWord>;

constexpr std::size_t host_set_words(std::size_t hosts) {
  return (hosts + kHostsPerWord - 1) / kHostsPerWord;
}

inline bool has_host(HostSet set, HostIndex host) {
  return (set[host / kHostsPerWord] >> (host % kHostsPerWord) & 1U) != 0;
}

inline void insert_host(std::span<HostWord> set, HostIndex host) {
  set[host / kHostsPerWord] |= HostWord{1} << (host % kHostsPerWord);
}

inline void remove_host(std::span<HostWord> set, HostIndex host) {
  set[host / kHostsPerWord] &= ~(HostWord{1} << (host % kHostsPerWord));
}

inline std::size_t count_hosts(HostSet set) {
  std::size_t count = 0;
  for (const HostWord word : set) count += static_cast<std::size_t>(std::popcount(word));
  return count;
}

// Calls `visit` with each host of the set, ascending.
template <typename Visit>
void for_each_host(HostSet set, const Visit& visit) {
  for (std::size_t i = 0; i < set.size(); ++i) {
    for (HostWord rest = set[i]; rest != 0; rest &= rest - 1)
      visit(static_cast<HostIndex>(i * kHostsPerWord +
                                   static_cast<std::size_t>(std::countr_zero(rest))));
  }
}

}  // namespace mirrorway::snapshot
