// How long things took, in fixed buckets; for several processes, without locks.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace mirrorway::metrics {

// Upper bounds of the buckets in microseconds: ten to the decade, evenly spaced (the preferred
// numbers of ISO 3, series R10), so that a quantile read from them is off by a quarter at most.
inline constexpr std::array<std::uint32_t, 55> kBucketBounds{
    20,        25,        31,        40,        50,        63,        80,       100,
    125,       160,       200,       250,       315,       400,       500,      630,
    800,       1'000,     1'250,     1'600,     2'000,     2'500,     3'150,    4'000,
    5'000,     6'300,     8'000,     10'000,    12'500,    16'000,    20'000,   25'000,
    31'500,    40'000,    50'000,    63'000,    80'000,    100'000,   125'000,  160'000,
    200'000,   250'000,   315'000,   400'000,   500'000,   630'000,   800'000,  1'000'000,
    1'250'000, 1'600'000, 2'000'000, 2'500'000, 3'150'000, 4'000'000, 5'000'000};

class Histogram {
 public:
  // Not cumulative; the last one is for what exceeds every bound.
  static constexpr std::size_t kBuckets = kBucketBounds.size() + 1;

  struct Values {
    std::array<std::uint64_t, kBuckets> buckets{};
    std::chrono::nanoseconds sum{0};
  };

  // A negative time counts as 0.
  void observe(std::chrono::nanoseconds time) noexcept;

  // Adds what has been counted here to `values`.
  void add_to(Values& values) const noexcept;

 private:
  std::array<std::atomic<std::uint64_t>, kBuckets> buckets_{};
  std::atomic<std::uint64_t> sum_{0};  // nanoseconds
};

}  // namespace mirrorway::metrics
