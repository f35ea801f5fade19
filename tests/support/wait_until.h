// Waiting for what other processes and threads do.
#pragma once

#include <poll.h>

#include <chrono>

namespace mirrorway::tests {

// Longer than anything takes on any machine.
inline constexpr std::chrono::seconds kPatience{60};

// Whether the condition becomes true within kPatience.
template <typename Condition>
bool wait_until(const Condition& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    ::poll(nullptr, 0, 2);  // between two looks at the condition
  }
  return true;
}

}  // namespace mirrorway::tests
