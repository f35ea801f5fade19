#include "mirrorlist_server/metrics.h"

#include <unistd.h>

namespace mirrorway::mirrorlist_server {
namespace {

// As many children can count without writing to the same cache lines.
constexpr std::size_t kChildPlaces = 32;

constinit Metrics unshared;

}  // namespace

namespace detail {
constinit Metrics* process_metrics = &unshared;
}

SharedMetrics::SharedMetrics() : slots_(1 + kChildPlaces), notes_(1) {
  detail::process_metrics = &slots_[0];
}

SharedMetrics::~SharedMetrics() {
  detail::process_metrics = &unshared;
}

std::uint64_t SharedMetrics::total(Counter counter) const noexcept {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < slots_.size(); ++i) sum += slots_[i].counters.value(counter);
  return sum;
}

metrics::Histogram::Values SharedMetrics::lookup_time() const noexcept {
  metrics::Histogram::Values values;
  for (std::size_t i = 0; i < slots_.size(); ++i) slots_[i].lookup_time.add_to(values);
  return values;
}

void SharedMetrics::enter_child() noexcept {
  const auto pid = static_cast<std::size_t>(::getpid());
  detail::process_metrics = &slots_[1 + pid % kChildPlaces];
}

}  // namespace mirrorway::mirrorlist_server
