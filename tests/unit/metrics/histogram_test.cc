#include "common/metrics/histogram.h"

#include <algorithm>

#include <catch2/catch.hpp>

using namespace mirrorway::metrics;
using namespace std::chrono_literals;

namespace {

// The bound of the only bucket that holds something, in microseconds; 0: the one without a bound.
std::uint32_t bound_of_only(const Histogram::Values& values) {
  const auto* const found = std::find(values.buckets.begin(), values.buckets.end(), 1U);
  REQUIRE(std::count(values.buckets.begin(), values.buckets.end(), 0U) ==
          static_cast<std::ptrdiff_t>(Histogram::kBuckets - 1));
  const auto index = static_cast<std::size_t>(found - values.buckets.begin());
  return index < kBucketBounds.size() ? kBucketBounds[index] : 0;
}

}  // namespace

TEST_CASE("a duration falls into the first bucket that can hold it") {
  struct Row {
    const char* name;
    std::chrono::nanoseconds time;
    std::uint32_t bound;
  };
  const Row row = GENERATE(values<Row>({
      {"a clock that went back", -5ms, 20},
      {"nothing", 0ns, 20},
      {"a bound belongs to its bucket", 50us, 50},
      {"a nanosecond more does not", 50us + 1ns, 63},
      {"in between", 2100us, 2500},
      {"the last bound", 5s, 5'000'000},
      {"longer than any", 5s + 1ns, 0},
      {"an hour", 1h, 0},
  }));
  INFO(row.name);
  Histogram histogram;
  histogram.observe(row.time);
  Histogram::Values values;
  histogram.add_to(values);
  CHECK(bound_of_only(values) == row.bound);
  CHECK(values.sum == std::max(row.time, 0ns));
}

TEST_CASE("the bounds ascend, by a quarter or so each") {
  for (std::size_t i = 1; i < kBucketBounds.size(); ++i) {
    INFO(kBucketBounds[i]);
    CHECK(kBucketBounds[i] > kBucketBounds[i - 1]);
    CHECK(kBucketBounds[i] <= kBucketBounds[i - 1] * 130 / 100);
  }
}

TEST_CASE("histograms of several processes add up") {
  Histogram one;
  Histogram other;
  one.observe(1ms);
  one.observe(2ms);
  other.observe(1ms);
  Histogram::Values values;
  one.add_to(values);
  other.add_to(values);
  CHECK(values.sum == 4ms);
  const auto index = static_cast<std::size_t>(
      std::find(kBucketBounds.begin(), kBucketBounds.end(), 1'000U) - kBucketBounds.begin());
  CHECK(values.buckets[index] == 2);
}
