#include "common/metrics/histogram.h"

#include <algorithm>

namespace mirrorway::metrics {
namespace {

std::size_t bucket_of(std::uint64_t nanoseconds) {
  constexpr std::uint64_t kNanosecondsPerMicrosecond = 1'000;
  const auto* const bound =
      std::lower_bound(kBucketBounds.begin(), kBucketBounds.end(), nanoseconds,
                       [](std::uint32_t microseconds, std::uint64_t value) {
                         return microseconds * kNanosecondsPerMicrosecond < value;
                       });
  return static_cast<std::size_t>(bound - kBucketBounds.begin());
}

}  // namespace

void Histogram::observe(std::chrono::nanoseconds time) noexcept {
  const auto nanoseconds = static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0));
  buckets_[bucket_of(nanoseconds)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(nanoseconds, std::memory_order_relaxed);
}

void Histogram::add_to(Values& values) const noexcept {
  for (std::size_t i = 0; i < kBuckets; ++i)
    values.buckets[i] += buckets_[i].load(std::memory_order_relaxed);
  values.sum += std::chrono::nanoseconds(sum_.load(std::memory_order_relaxed));
}

}  // namespace mirrorway::metrics
