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

SharedMetrics::SharedMetrics() : slots_(1 + kChildPlaces) {
  detail::process_metrics = &slots_[0];
}

SharedMetrics::~SharedMetrics() {
  detail::process_metrics = &unshared;
}

void SharedMetrics::enter_child() noexcept {
  const auto pid = static_cast<std::size_t>(::getpid());
  detail::process_metrics = &slots_[1 + pid % kChildPlaces];
}

}  // namespace mirrorway::mirrorlist_server
