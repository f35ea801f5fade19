// SIGUSR2 of both daemons: a successor takes over, or nothing happens. See DESIGN.md.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/daemon/successor.h"

namespace mirrorway::daemon {

// Says in the log what becomes of it, and to the manager who serves.
class Upgrade {
 public:
  // Nothing happens while one is under way, or when it cannot be started.
  void start(const std::vector<std::string>& words, std::span<const HandedSocket> sockets);

  // To be waited for: is_done() may change when the descriptor is readable or the time over. -1
  // and nullopt when no upgrade is under way.
  int fd() const { return successor_ ? successor_->fd() : -1; }
  std::optional<std::chrono::milliseconds> time_left() const;

  // Whether the successor serves. Then this process is to accept no more, finish what it has, and
  // end.
  bool is_done();

  // To the successor, from its first moment until this process has ended: what it has not begun to
  // look at waits for it.
  void pass_on(int signal) const;

 private:
  std::optional<Successor> successor_;
};

}  // namespace mirrorway::daemon
