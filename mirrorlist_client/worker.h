// A worker process: one event loop, its own listening sockets, its own connections to the server.
#pragma once

#include <vector>

#include "common/base/fd.h"
#include "mirrorlist_client/front_end.h"

namespace mirrorway::mirrorlist_client {

// Serves until SIGTERM or SIGINT, then finishes the requests under way; after SIGUSR2 it leaves
// clients with idle connections a moment to ask once more. Signals may be blocked until it serves.
// `sockets` listen and do not block. A byte is written to `ready` when it serves. Returns the
// process's exit status. Never throws.
int serve(FrontEnd::Settings settings, std::vector<base::Fd> sockets, base::Fd ready = {}) noexcept;

}  // namespace mirrorway::mirrorlist_client
