// Tells the service manager, again and again, that the loop of this process turns (WatchdogSec= of
// systemd.service(5)): one that hangs falls silent, and is killed and started again.
#pragma once

#include <chrono>
#include <optional>

namespace mirrorway::daemon {

class Watchdog {
 public:
  // Reads from the environment whether this process is watched ($WATCHDOG_USEC, $WATCHDOG_PID), as
  // sd_watchdog_enabled(3) does. What is no number counts as not watched.
  Watchdog();

  // How long the loop may wait until the next tell_when_due(); nullopt: it is not watched.
  std::optional<std::chrono::milliseconds> time_left() const;
  // To be called in every turn. Twice in the time that the manager gives, it says that all is well.
  void tell_when_due();

 private:
  using Clock = std::chrono::steady_clock;

  std::chrono::microseconds interval_{0};  // 0: not watched
  Clock::time_point next_;
};

}  // namespace mirrorway::daemon
