#include "common/daemon/successor.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "common/base/error.h"
#include "common/daemon/signals.h"

namespace mirrorway::daemon {
namespace {

constexpr std::chrono::seconds kLongestStart{60};
constexpr int kCannotRun = 127;  // as a shell says it

struct Handover {
  std::vector<int> fds;
  std::string names;
};

// Puts the descriptors where LISTEN_FDS wants them. Called in the child.
bool arrange(const std::vector<int>& fds) {
  const int above = kFirstPassedFd + static_cast<int>(fds.size());
  std::vector<int> moved;
  for (const int fd : fds) {
    moved.push_back(::fcntl(fd, F_DUPFD_CLOEXEC, above));
    if (moved.back() < 0) return false;
  }
  for (std::size_t i = 0; i < moved.size(); ++i)
    if (::dup2(moved[i], kFirstPassedFd + static_cast<int>(i)) < 0) return false;
  return ::close_range(static_cast<unsigned>(above), ~0U, CLOSE_RANGE_CLOEXEC) == 0;
}

[[noreturn]] void become(const std::vector<std::string>& words, const Handover& handover) {
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (const std::string& word : words)
    argv.push_back(const_cast<char*>(word.c_str()));  // execvp does not write
  argv.push_back(nullptr);
  // What would end it before it listens for it, and is sent to all of the program's name.
  const sigset_t later = make_signal_set({SIGHUP, SIGUSR1, SIGUSR2});
  ::sigprocmask(SIG_SETMASK, &later, nullptr);
  // NOLINTBEGIN(concurrency-mt-unsafe): there is one thread
  // Who watches this process will watch that one.
  const char* const watched = std::getenv("WATCHDOG_PID");
  const bool is_watched = watched != nullptr && watched == std::to_string(::getppid());
  const bool is_prepared =
      (!is_watched || ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1) == 0) &&
      arrange(handover.fds) && ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1) == 0 &&
      ::setenv("LISTEN_FDS", std::to_string(handover.fds.size()).c_str(), 1) == 0 &&
      ::setenv("LISTEN_FDNAMES", handover.names.c_str(), 1) == 0;
  // NOLINTEND(concurrency-mt-unsafe)
  if (is_prepared) ::execvp(argv[0], argv.data());
  ::_exit(kCannotRun);
}

std::string describe(int status, const std::string& program) {
  if (WIFSIGNALED(status)) return fmt::format("signal {}", WTERMSIG(status));
  if (WEXITSTATUS(status) == kCannotRun) return "cannot run " + program;
  return fmt::format("status {}", WEXITSTATUS(status));
}

}  // namespace

Successor::Successor(const std::vector<std::string>& words, std::span<const HandedSocket> sockets)
    : deadline_(std::chrono::steady_clock::now() + kLongestStart) {
  if (words.empty()) throw base::Error("how this program was started is not known");
  program_ = words.front();
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
    throw base::IoError(errno, "creating a pipe");
  ready_ = base::Fd(ends[0]);
  const base::Fd write_end(ends[1]);
  Handover handover{{write_end.get()}, std::string(kReadyPipeName)};
  for (const HandedSocket& socket : sockets) {
    handover.fds.push_back(socket.fd);
    handover.names.append(":").append(socket.name);
  }
  pid_ = ::fork();
  if (pid_ < 0) throw base::IoError(errno, "forking");
  if (pid_ == 0) become(words, handover);
}

Successor::~Successor() {
  if (state_ == State::kStarting) fail("not wanted any more");
}

std::chrono::milliseconds Successor::time_left() const {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now());
  return std::max(left, std::chrono::milliseconds(0));
}

Successor::State Successor::state() {
  if (state_ != State::kStarting) return state_;
  char said = 0;
  const ssize_t n = ::read(ready_.get(), &said, 1);
  if (n == 1) return state_ = State::kReady;
  if (n == 0) return fail("it ended");
  if (time_left().count() == 0) return fail("it was not ready in time");
  return state_;
}

Successor::State Successor::fail(std::string_view why) {
  // It may have closed the pipe and live on.
  ::kill(pid_, SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  failure_ = fmt::format("{}: {}", why, describe(status, program_));
  return state_ = State::kFailed;
}

}  // namespace mirrorway::daemon
