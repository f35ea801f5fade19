#include "mirrorlist_client/metrics.h"

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
  clear_gauges(place);
  detail::process_metrics = &slots_[place];
}

void SharedMetrics::clear_gauges(std::size_t place) noexcept {
  for (const Counter gauge : kGauges) slots_[place].counters.set(gauge, 0);
}

}  // namespace mirrorway::mirrorlist_client
