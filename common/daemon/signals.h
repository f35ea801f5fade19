// Signals of a single-threaded process, read from a descriptor: nothing is interrupted, nothing
// runs in a handler.
#pragma once

#include <csignal>
#include <initializer_list>

#include "common/base/fd.h"

namespace mirrorway::daemon {

sigset_t make_signal_set(std::initializer_list<int> signals);

// Blocks these signals, no others, and returns a non-blocking signalfd for them. Ignores SIGPIPE,
// so that a log whose reader has gone ends nobody. Throws base::IoError.
base::Fd receive_signals(const sigset_t& signals);

// In a process forked from one that receives them so, once it has its own handlers: what was
// blocked comes now, and whatever comes later. For the calling thread.
void unblock_signals() noexcept;

}  // namespace mirrorway::daemon
