// A child serves one connection and nothing else.
#pragma once

#include <chrono>
#include <string_view>

#include "common/base/fd.h"
#include "common/geo/database.h"
#include "common/selection/select.h"
#include "common/snapshot/image.h"
#include "mirrorlist_server/sandbox.h"
#include "mirrorlist_server/status.h"

namespace mirrorway::mirrorlist_server {

// How a child ends; the parent logs it. A signal's number is not in this list.
enum class ChildExit {
  kPeerClosed = 0,
  kIdle = 10,
  kRetired = 11,
  kBadFrame = 12,
  kStalled = 13,  // the peer does not read its responses
  kIo = 14,
  kBroken = 15,  // an exception: a defect, or memory is short
  kHung = 16,    // one answer took too long
  kNoSandbox = 17,
};

std::string_view describe(ChildExit exit);

// What children of one generation share, all of it read-only.
struct Service {
  const snapshot::Image& image;
  const geo::GeoDatabase& geo;
  const selection::Policy& policy;
  std::chrono::milliseconds idle_timeout;    // 0: none; at most a day
  std::chrono::milliseconds answer_timeout;  // see HangWatch
  const Sandbox& sandbox;
  StatusSource status;
};

// Serves the connection until it is to end. Called once in a process, with SIGTERM and SIGINT
// blocked; takes them as the wish to retire: what the peer has sent by then is answered, then the
// connection ends. Never throws.
ChildExit serve(const Service& service, const base::Fd& connection);

}  // namespace mirrorway::mirrorlist_server
