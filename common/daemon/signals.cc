#include "common/daemon/signals.h"

#include <sys/signalfd.h>

#include <cerrno>

#include "common/base/error.h"

namespace mirrorway::daemon {

sigset_t make_signal_set(std::initializer_list<int> signals) {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : signals) ::sigaddset(&set, signal);
  return set;
}

base::Fd receive_signals(const sigset_t& signals) {
  (void)std::signal(SIGPIPE, SIG_IGN);
  // All others are let through, whatever whoever started this process had blocked.
  if (::sigprocmask(SIG_SETMASK, &signals, nullptr) != 0)
    throw base::IoError(errno, "blocking signals");
  base::Fd fd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) throw base::IoError(errno, "receiving signals");
  return fd;
}

void unblock_signals() noexcept {
  const sigset_t none = make_signal_set({});
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace mirrorway::daemon
