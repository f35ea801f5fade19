// A process that tells others how this front end and its server are: /metrics and /health/….
#pragma once

#include <chrono>

#include "mirrorlist_client/listen_address.h"
#include "mirrorlist_client/lookup_pool.h"
#include "mirrorlist_client/metrics.h"

namespace mirrorway::mirrorlist_client {

struct ExporterSettings {
  ListenAddress listen;
  LookupPool::Settings lookups;
  std::chrono::seconds max_snapshot_age{0};  // 0: any
};

// Serves until SIGTERM or SIGINT; signals may be blocked until it serves. An address that cannot be
// had is no reason to end: that is logged once, and tried again every second, for another front end
// may be about to end. Returns the process's exit status. Never throws.
int export_metrics(ExporterSettings settings, const SharedMetrics& shared) noexcept;

}  // namespace mirrorway::mirrorlist_client
