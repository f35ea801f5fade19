#include "mirrorlist_server/memory_watch.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "common/metrics/memory.h"

namespace mirrorway::mirrorlist_server {
namespace {

[[noreturn]] void run(std::vector<pid_t> pids) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  pids.push_back(::getpid());
  const metrics::Memory memory = metrics::measure_memory(pids);
  auto& counters = own_metrics().counters;
  counters.set(Counter::kMemory, memory.bytes);
  counters.set(Counter::kProcessesMeasured, memory.measured);
  counters.set(Counter::kProcessesUnmeasured, memory.unmeasured);
  ::_exit(0);
}

}  // namespace

MemoryWatch::~MemoryWatch() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

bool MemoryWatch::is_due() const {
  return pid_ < 0 && Clock::now() >= due_ && metrics_.total(Counter::kStatusReports) != reports_;
}

void MemoryWatch::measure(std::vector<pid_t> pids) {
  due_ = Clock::now() + kInterval;
  reports_ = metrics_.total(Counter::kStatusReports);
  pids.push_back(::getpid());
  pid_ = ::fork();
  if (pid_ == 0) run(std::move(pids));
}

void MemoryWatch::reap() {
  if (pid_ >= 0 && ::waitpid(pid_, nullptr, WNOHANG) != 0) pid_ = -1;
}

}  // namespace mirrorway::mirrorlist_server
