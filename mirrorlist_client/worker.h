// A worker process: one event loop, its own listening sockets, its own connections to the server.
#pragma once

#include <vector>

#include "common/base/fd.h"
#include "mirrorlist_client/front_end.h"

namespace mirrorway::mirrorlist_client {

// Serves until SIGTERM or SIGINT, then finishes the requests under way. `sockets` listen and do not
// block. Returns the process's exit status. Never throws.
int serve(FrontEnd::Settings settings, std::vector<base::Fd> sockets) noexcept;

}  // namespace mirrorway::mirrorlist_client
