#include "mirrorlist_server/metrics.h"

namespace mirrorway::mirrorlist_server {
namespace {

constinit Metrics unshared;

}  // namespace

namespace detail {
constinit Metrics* process_metrics = &unshared;
}

void use_metrics(Metrics& slot) noexcept {
  detail::process_metrics = &slot;
}

}  // namespace mirrorway::mirrorlist_server
