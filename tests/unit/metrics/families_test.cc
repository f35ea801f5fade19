#include "common/metrics/families.h"

#include <unistd.h>

#include <array>

#include <catch2/catch.hpp>

#include "common/metrics/memory.h"
#include "common/metrics/shared_text.h"

using namespace mirrorway;
using namespace mirrorway::metrics;

TEST_CASE("lines of one metric become one family") {
  constexpr std::array<Description, 3> kTable{{{Kind::kCounter, "a_total", "x=1,y=2", "Help"},
                                               {Kind::kCounter, "a_total", "x=2", ""},
                                               {Kind::kGauge, "b", "", "Other"}}};
  constexpr std::array<std::uint64_t, 3> kValues{5, 6, 7};
  Families families;
  add_counters("p_", kTable, kValues, families);
  REQUIRE(families.size() == 2);
  CHECK(families[0].name() == "mirrorway_p_a_total");
  CHECK(families[0].help() == "Help");
  CHECK(families[0].kind() == proto::COUNTER);
  REQUIRE(families[0].metrics_size() == 2);
  REQUIRE(families[0].metrics(0).labels_size() == 2);
  CHECK(families[0].metrics(0).labels(1).name() == "y");
  CHECK(families[0].metrics(0).labels(1).value() == "2");
  CHECK(families[0].metrics(1).value() == 6);
  CHECK(families[1].kind() == proto::GAUGE);
  CHECK(families[1].metrics(0).labels().empty());
}

TEST_CASE("a histogram is told in seconds, with a bucket more than bounds") {
  Histogram::Values values;
  values.buckets.front() = 1;
  values.buckets.back() = 2;
  values.sum = std::chrono::milliseconds(1500);
  Families families;
  add_histogram("t", "Help", values, families);
  CHECK(families[0].bounds(0) == Approx(20e-6));
  CHECK(families[0].bounds(families[0].bounds_size() - 1) == Approx(5.0));
  const auto& metric = families[0].metrics(0);
  CHECK(metric.buckets_size() == families[0].bounds_size() + 1);
  CHECK(metric.buckets(metric.buckets_size() - 1) == 2);
  CHECK(metric.sum() == Approx(1.5));
}

TEST_CASE("memory of this process can be measured, of none cannot") {
  CHECK(proportional_bytes(::getpid()).value_or(0) > 100'000);
  CHECK_FALSE(proportional_bytes(0x7FFFFFFF).has_value());
  const std::array<pid_t, 2> pids{::getpid(), 0x7FFFFFFF};
  const Memory memory = measure_memory(pids);
  CHECK(memory.bytes > 100'000);
  CHECK(memory.measured == 1);
  CHECK(memory.unmeasured == 0);
}

TEST_CASE("a shared text is cut, and can become shorter") {
  SharedText text;
  CHECK(text.get().empty());
  text.set(std::string(5'000, 'x'));
  CHECK(text.get() == std::string(SharedText::kMaxBytes, 'x'));
  text.set("short");
  CHECK(text.get() == "short");
  text.set({});
  CHECK(text.get().empty());
}
