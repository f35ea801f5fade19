#include "mirrorlist_server/metrics.h"

#include <unistd.h>

namespace mirrorway::mirrorlist_server {
namespace {

// As many children can count without writing to the same cache lines.
constexpr std::size_t kChildPlaces = 32;

}  // namespace

SharedMetrics::SharedMetrics() : SharedNumbers(1 + kChildPlaces), notes_(1) {
  count_at(0);
}

void SharedMetrics::enter_child() noexcept {
  const auto pid = static_cast<std::size_t>(::getpid());
  count_at(1 + pid % kChildPlaces);
}

}  // namespace mirrorway::mirrorlist_server
