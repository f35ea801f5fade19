// How the server is, for whoever asks over the socket (proto::ServerStatus).
#pragma once

#include <chrono>
#include <string_view>

#include "common/snapshot/image.h"
#include "mirrorlist_server/metrics.h"
#include "proto/lookup.pb.h"

namespace mirrorway::mirrorlist_server {

// What a child needs to tell it: all of it is in its memory already, for it can open nothing.
struct StatusSource {
  const SharedMetrics& metrics;
  std::string_view snapshot_digest;  // of the snapshot that this child answers from
};

proto::ServerStatus report_status(const StatusSource& source, const snapshot::Image& image,
                                  std::chrono::system_clock::time_point now);

}  // namespace mirrorway::mirrorlist_server
