// Measures from time to time what all processes of the server occupy.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <vector>

#include "mirrorlist_server/metrics.h"

namespace mirrorway::mirrorlist_server {

// Reading it of one process may take milliseconds, so that neither the parent nor a child does it,
// but a process of its own that ends afterwards. Only while somebody asks for status reports.
class MemoryWatch {
 public:
  explicit MemoryWatch(const SharedMetrics& metrics) : metrics_(metrics) {}
  MemoryWatch(const MemoryWatch&) = delete;
  MemoryWatch& operator=(const MemoryWatch&) = delete;
  // Ends a measurement under way.
  ~MemoryWatch();

  bool is_due() const;
  // Forks; `pids` are the processes beside this one. The result goes to this process's gauges.
  void measure(std::vector<pid_t> pids);
  // After SIGCHLD.
  void reap();

  // How often to ask is_due() at least.
  static constexpr std::chrono::seconds kInterval{15};

 private:
  using Clock = std::chrono::steady_clock;

  const SharedMetrics& metrics_;
  pid_t pid_ = -1;
  Clock::time_point due_;
  std::uint64_t reports_ = 0;  // asked for when it was measured last
};

}  // namespace mirrorway::mirrorlist_server
