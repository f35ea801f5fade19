#include "mirrorlist_client/metrics.h"

#include <unistd.h>

#include <algorithm>

namespace mirrorway::mirrorlist_client {
namespace {

constinit Metrics unshared;

constexpr std::array kGauges{
#define COUNTER(name, metric, labels, help)
#define GAUGE(name, metric, labels, help) Counter::name,
#include "mirrorlist_client/counters.def"
#undef COUNTER
#undef GAUGE
};

}  // namespace

namespace detail {
constinit Metrics* process_metrics = &unshared;
}

void RequestCounts::add(std::optional<proto::Form> form, unsigned status,
                        proto::Tier tier) noexcept {
  const auto* const known = std::find(kStatuses.begin(), kStatuses.end() - 1, status);
  const auto status_index = static_cast<std::size_t>(known - kStatuses.begin());
  const auto form_index =
      form && proto::Form_IsValid(*form) ? static_cast<std::size_t>(*form) : kForms - 1;
  const auto tier_index = proto::Tier_IsValid(tier) ? static_cast<std::size_t>(tier) : 0;
  counts_[form_index][status_index][tier_index].fetch_add(1, std::memory_order_relaxed);
}

SharedMetrics::SharedMetrics(std::size_t places) : slots_(places) {
  take_place(places - 1);
}

SharedMetrics::~SharedMetrics() {
  detail::process_metrics = &unshared;
}

void SharedMetrics::take_place(std::size_t place) noexcept {
  take_place_silently(place);
  detail::process_metrics = &slots_[place];
}

void SharedMetrics::take_place_silently(std::size_t place) noexcept {
  leave_place(place);
  slots_[place].pid.store(::getpid(), std::memory_order_relaxed);
  detail::process_metrics = &unshared;
}

void SharedMetrics::leave_place(std::size_t place) noexcept {
  slots_[place].pid.store(0, std::memory_order_relaxed);
  for (const Counter gauge : kGauges) slots_[place].counters.set(gauge, 0);
}

std::uint64_t SharedMetrics::total(Counter counter) const noexcept {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < slots_.size(); ++i) sum += slots_[i].counters.value(counter);
  return sum;
}

std::uint64_t SharedMetrics::requests(std::size_t form, std::size_t status,
                                      std::size_t tier) const noexcept {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < slots_.size(); ++i)
    sum += slots_[i].requests.value(form, status, tier);
  return sum;
}

metrics::Histogram::Values SharedMetrics::times(
    metrics::Histogram Metrics::*histogram) const noexcept {
  metrics::Histogram::Values values;
  for (std::size_t i = 0; i < slots_.size(); ++i) (slots_[i].*histogram).add_to(values);
  return values;
}

std::vector<pid_t> SharedMetrics::pids() const {
  std::vector<pid_t> pids;
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (const pid_t pid = slots_[i].pid.load(std::memory_order_relaxed); pid > 0)
      pids.push_back(pid);
  return pids;
}

}  // namespace mirrorway::mirrorlist_client
