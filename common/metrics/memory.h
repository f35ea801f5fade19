// How much memory processes occupy.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>

namespace mirrorway::metrics {

// The proportional set size in bytes: what the process has for itself, and its share of what it
// shares with others. Takes about a millisecond for 60 MB. nullopt when it has gone or the kernel
// does not tell: it does so for processes of the same user, unless they have changed their user,
// and for root.
std::optional<std::uint64_t> proportional_bytes(pid_t pid);

struct Memory {
  std::uint64_t bytes = 0;
  std::uint64_t measured = 0;    // processes
  std::uint64_t unmeasured = 0;  // processes that the kernel tells nothing of
};
Memory measure_memory(std::span<const pid_t> pids);

}  // namespace mirrorway::metrics
