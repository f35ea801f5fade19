#include "mirrorlist_client/metrics.h"

#include <catch2/catch.hpp>

using namespace mirrorway;
using namespace mirrorway::mirrorlist_client;

TEST_CASE("answers are counted by form, status and tier") {
  RequestCounts counts;
  counts.add(proto::MIRRORLIST, 200, proto::COUNTRY);
  counts.add(proto::MIRRORLIST, 200, proto::COUNTRY);
  counts.add(std::nullopt, 431, proto::NONE);
  counts.add(proto::JSON, 418, proto::NONE);
  constexpr std::size_t kOther = RequestCounts::kStatuses.size() - 1;
  constexpr std::size_t k431 = 8;
  CHECK(counts.value(proto::MIRRORLIST, 0, proto::COUNTRY) == 2);
  CHECK(counts.value(RequestCounts::kForms - 1, k431, proto::NONE) == 1);
  CHECK(counts.value(proto::JSON, kOther, proto::NONE) == 1);
  CHECK(counts.value(proto::MIRRORLIST, 0, proto::NONE) == 0);
}

TEST_CASE("a process that takes a place over counts on, and starts with gauges at zero") {
  SharedMetrics shared(3);
  shared.take_place(1);
  count(Counter::kRequestsLimited, 3);
  count(Counter::kConnectionsOpen, 9);
  shared.take_place(1);
  count(Counter::kRequestsLimited);
  CHECK(shared[1].counters.value(Counter::kRequestsLimited) == 4);
  CHECK(shared[1].counters.value(Counter::kConnectionsOpen) == 0);
  CHECK(shared[2].counters.value(Counter::kRequestsLimited) == 0);
}
