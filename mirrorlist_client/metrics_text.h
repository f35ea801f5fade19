// Families of metrics as Prometheus reads them (text exposition format 0.0.4).
#pragma once

#include <string>
#include <string_view>

#include "common/metrics/families.h"

namespace mirrorway::mirrorlist_client {

inline constexpr std::string_view kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

// Families that Prometheus would not read (names that are none, histograms without their buckets,
// the second of a name) are left out: some come from another process, and one bad family would cost
// all the others.
std::string metrics_text(const metrics::Families& families);

}  // namespace mirrorway::mirrorlist_client
