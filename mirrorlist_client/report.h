// What the front end has counted, as families of metrics.
#pragma once

#include "common/metrics/families.h"
#include "mirrorlist_client/metrics.h"

namespace mirrorway::mirrorlist_client {

// Measures memory, too, which may take milliseconds.
metrics::Families report_front_end(const SharedMetrics& shared);

}  // namespace mirrorway::mirrorlist_client
