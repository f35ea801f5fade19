// The process that is to replace this one; see DESIGN.md.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/fd.h"

namespace mirrorway::daemon {

// Where the descriptors begin that LISTEN_FDS counts (SD_LISTEN_FDS_START).
inline constexpr int kFirstPassedFd = 3;

// The name under which the successor gets the pipe for saying that it is ready.
inline constexpr std::string_view kReadyPipeName = "own-ready-pipe";

// A socket to hand over; it stays the caller's.
struct HandedSocket {
  int fd;
  std::string_view name;
};

// A successor that is not ready yet is killed and reaped by the destructor.
class Successor {
 public:
  enum class State { kStarting, kReady, kFailed };

  // Starts `words` (argv; found as execvp does) with the sockets. Single-threaded processes only.
  // Throws base::Error.
  Successor(const std::vector<std::string>& words, std::span<const HandedSocket> sockets);
  Successor(const Successor&) = delete;
  Successor& operator=(const Successor&) = delete;
  ~Successor();

  pid_t pid() const { return pid_; }
  // Readable when state() may have changed.
  int fd() const { return ready_.get(); }
  std::chrono::milliseconds time_left() const;

  // Does not block. kFailed and kReady are final; a failed successor has been ended and reaped, one
  // that is ready is left alone from then on.
  State state();
  // How a failed one ended, for the log.
  const std::string& failure() const { return failure_; }

 private:
  State fail(std::string_view why);

  std::string program_;
  pid_t pid_ = -1;
  base::Fd ready_;
  std::chrono::steady_clock::time_point deadline_;
  State state_ = State::kStarting;
  std::string failure_;
};

}  // namespace mirrorway::daemon
