#include "mirrorlist_client/metrics.h"

#include <unistd.h>

#include <algorithm>

namespace mirrorway::mirrorlist_client {
namespace {

void clear_gauges(metrics::Counters<Counter>& counters) noexcept {
  for (std::size_t i = 0; i < kDescriptions.size(); ++i)
    if (kDescriptions[i].kind == metrics::Kind::kGauge) counters.set(static_cast<Counter>(i), 0);
}

}  // namespace

void RequestCounts::add(std::optional<proto::Form> form, unsigned status,
                        proto::Tier tier) noexcept {
  const auto* const known = std::find(kStatuses.begin(), kStatuses.end() - 1, status);
  const auto status_index = static_cast<std::size_t>(known - kStatuses.begin());
  const auto form_index =
      form && proto::Form_IsValid(*form) ? static_cast<std::size_t>(*form) : kForms - 1;
  const auto tier_index = proto::Tier_IsValid(tier) ? static_cast<std::size_t>(tier) : 0;
  counts_[form_index][status_index][tier_index].fetch_add(1, std::memory_order_relaxed);
}

SharedMetrics::SharedMetrics(std::size_t places) : SharedNumbers(places) {
  take_place(places - 1);
}

void SharedMetrics::take_place(std::size_t place) noexcept {
  take_place_silently(place);
  count_at(place);
}

void SharedMetrics::take_place_silently(std::size_t place) noexcept {
  leave_place(place);
  at(place).pid.store(::getpid(), std::memory_order_relaxed);
  count_for_nobody();
}

void SharedMetrics::leave_place(std::size_t place) noexcept {
  at(place).pid.store(0, std::memory_order_relaxed);
  clear_gauges(at(place).counters);
}

std::uint64_t SharedMetrics::requests(std::size_t form, std::size_t status,
                                      std::size_t tier) const noexcept {
  return sum([&](const Metrics& own) { return own.requests.value(form, status, tier); });
}

std::vector<pid_t> SharedMetrics::pids() const {
  std::vector<pid_t> pids;
  for (std::size_t i = 0; i < places(); ++i)
    if (const pid_t pid = (*this)[i].pid.load(std::memory_order_relaxed); pid > 0)
      pids.push_back(pid);
  return pids;
}

}  // namespace mirrorway::mirrorlist_client
