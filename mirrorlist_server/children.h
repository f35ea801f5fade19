// The parent's book of its children.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <unordered_map>
#include <vector>

namespace mirrorway::mirrorlist_server {

// Logs and counts how each of them ends.
class Children {
 public:
  std::size_t size() const { return children_.size(); }
  bool empty() const { return children_.empty(); }

  std::vector<pid_t> pids() const;

  void add(pid_t pid);
  // Takes note of all that have ended. Kills those that somebody has stopped (SIGSTOP): they serve
  // nobody, and their connection's other end waits.
  void reap();
  // Tells all to answer what they have read, and end.
  void retire();
  // Kills those that were told to and have had kRetirement for it.
  void kill_overdue();
  // Until there is something to do for kill_overdue; nullopt: never.
  std::optional<std::chrono::milliseconds> time_to_overdue() const;
  void kill_all() const;

 private:
  using Clock = std::chrono::steady_clock;
  // More than a peer gets for reading its answers.
  static constexpr std::chrono::seconds kRetirement{30};

  struct Child {
    std::optional<Clock::time_point> retired;
  };

  std::unordered_map<pid_t, Child> children_;
  std::size_t retired_ = 0;
};

}  // namespace mirrorway::mirrorlist_server
