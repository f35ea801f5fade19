// The same random numbers every time and everywhere: what a test finds, it finds again. (The
// distributions of the standard library are each implementation's own.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

namespace mirrorway::tests {

using Random = std::mt19937;

inline Random seeded(std::uint32_t seed) {
  return Random(seed);
}

// A number below `bound`, which is positive.
inline std::size_t below(Random& random, std::size_t bound) {
  return random() % bound;
}

inline bool chance(Random& random, double probability) {
  return static_cast<double>(random()) < probability * static_cast<double>(Random::max());
}

}  // namespace mirrorway::tests
