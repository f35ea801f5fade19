// Signals of a single-threaded process, read from a descriptor: nothing is interrupted, nothing
// runs in a handler.
#pragma once

#include <csignal>
#include <initializer_list>

#include "common/base/fd.h"

namespace mirrorway::daemon {

sigset_t make_signal_set(std::initializer_list<int> signals);

// Blocks the signals and returns a non-blocking signalfd for them. Ignores SIGPIPE, so that a log
// whose reader has gone ends nobody. Throws base::IoError.
base::Fd receive_signals(const sigset_t& signals);

}  // namespace mirrorway::daemon
