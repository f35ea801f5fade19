#include "mirrorlist_server/children.h"

#include <sys/wait.h>

#include <algorithm>
#include <csignal>

#include "common/base/log.h"
#include "mirrorlist_server/child.h"
#include "mirrorlist_server/metrics.h"

namespace mirrorway::mirrorlist_server {
namespace {

using base::log;
using base::LogLevel;

// A retired child may be hit by the very signal before it has its handler.
bool is_retirement(int status, bool was_retired) {
  return was_retired && WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM;
}

void log_end(pid_t pid, int status, bool was_retired) {
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) {
    // The system call's number is in the kernel's log.
    log(LogLevel::kError, "child broke its sandbox", "pid={} signal=SIGSYS", pid);
    return;
  }
  if (WIFSIGNALED(status)) {
    const bool is_expected = is_retirement(status, was_retired);
    log(is_expected ? LogLevel::kDebug : LogLevel::kWarning, "child killed", "pid={} signal={}",
        pid, WTERMSIG(status));
    return;
  }
  const auto exit = static_cast<ChildExit>(WEXITSTATUS(status));
  const bool is_usual =
      exit == ChildExit::kPeerClosed || exit == ChildExit::kIdle || exit == ChildExit::kRetired;
  log(is_usual ? LogLevel::kDebug : LogLevel::kWarning, "child ended", "pid={} status={} reason={}",
      pid, WEXITSTATUS(status), base::quoted(describe(exit)));
}

Counter end_counter(int status, bool was_retired) {
  if (is_retirement(status, was_retired)) return Counter::kEndedRetired;
  if (WIFSIGNALED(status))
    return WTERMSIG(status) == SIGSYS ? Counter::kEndedSeccomp : Counter::kEndedSignal;
  switch (static_cast<ChildExit>(WEXITSTATUS(status))) {
    case ChildExit::kPeerClosed:
      return Counter::kEndedPeerClosed;
    case ChildExit::kIdle:
      return Counter::kEndedIdle;
    case ChildExit::kRetired:
      return Counter::kEndedRetired;
    case ChildExit::kBadFrame:
      return Counter::kEndedBadFrame;
    case ChildExit::kStalled:
      return Counter::kEndedStalled;
    case ChildExit::kIo:
      return Counter::kEndedIo;
    case ChildExit::kBroken:
    case ChildExit::kNoSandbox:
      return Counter::kEndedBroken;
    case ChildExit::kHung:
      return Counter::kEndedHung;
  }
  return Counter::kEndedOther;
}

}  // namespace

std::vector<pid_t> Children::pids() const {
  std::vector<pid_t> pids;
  pids.reserve(children_.size());
  for (const auto& [pid, child] : children_) pids.push_back(pid);
  return pids;
}

void Children::add(pid_t pid) {
  children_.emplace(pid, Child{});
  count(Counter::kForks);
  own_metrics().counters.set(Counter::kChildren, children_.size());
  log(LogLevel::kDebug, "child started", "pid={}", pid);
}

void Children::reap() {
  int status = 0;
  for (auto child = children_.begin(); child != children_.end();) {
    const auto& [pid, state] = *child;
    if (::waitpid(pid, &status, WNOHANG | WUNTRACED) == 0) {
      ++child;
    } else if (WIFSTOPPED(status)) {
      log(LogLevel::kWarning, "child stopped, so it is killed", "pid={} signal={}", pid,
          WSTOPSIG(status));
      ::kill(pid, SIGKILL);
      ++child;
    } else {
      log_end(pid, status, state.retired.has_value());
      count(end_counter(status, state.retired.has_value()));
      if (state.retired) --retired_;
      child = children_.erase(child);
    }
  }
  own_metrics().counters.set(Counter::kChildren, children_.size());
}

void Children::retire() {
  for (auto& [pid, child] : children_) {
    if (child.retired) continue;
    child.retired = Clock::now();
    ++retired_;
    ::kill(pid, SIGTERM);
  }
}

void Children::kill_overdue() {
  for (auto& [pid, child] : children_) {
    if (!child.retired || Clock::now() - *child.retired < kRetirement) continue;
    log(LogLevel::kWarning, "child does not retire, so it is killed", "pid={}", pid);
    child.retired = Clock::now();  // not to be said again at once
    ::kill(pid, SIGKILL);
  }
}

std::optional<std::chrono::milliseconds> Children::time_to_overdue() const {
  if (retired_ == 0) return std::nullopt;
  std::optional<Clock::time_point> first;
  for (const auto& [pid, child] : children_)
    if (child.retired) first = std::min(first.value_or(*child.retired), *child.retired);
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(*first + kRetirement - Clock::now());
  return std::max(left, std::chrono::milliseconds(0));
}

void Children::kill_all() const {
  for (const auto& [pid, child] : children_) ::kill(pid, SIGKILL);
}

}  // namespace mirrorway::mirrorlist_server
