#include "mirrorlist_client/log_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <utility>

#include "common/base/error.h"

namespace mirrorway::mirrorlist_client {
namespace {

// Before what could not be written is tried again.
constexpr std::chrono::milliseconds kPause{500};

// Not waiting for a reader when somebody gives the path of a pipe.
base::Fd open_log(const std::string& path) {
  constexpr mode_t kMode = 0640;
  base::Fd file(
      ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, kMode));
  if (!file) throw base::IoError(errno, "opening the access log {}", path);
  return file;
}

// Signals are for the thread with the event loop. A pipe that lost its reader is an error like
// others, as everywhere: SIGPIPE stays blocked.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace

LogWriter::LogWriter(std::string path) : path_(std::move(path)), file_(open_log(path_)) {
  const SignalsBlocked in_the_thread;
  thread_ = std::thread([this] { run(); });
}

LogWriter::~LogWriter() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

bool LogWriter::offer(std::string_view lines) {
  {
    const std::lock_guard lock(mutex_);
    if (unwritten_bytes_ + lines.size() > kMaxUnwritten) return false;
    unwritten_bytes_ += lines.size();
    offered_ += lines;
  }
  changed_.notify_one();
  return true;
}

void LogWriter::reopen() {
  {
    const std::lock_guard lock(mutex_);
    reopen_at_ = offered_.size();
  }
  changed_.notify_one();
}

std::string LogWriter::take_problem() {
  const std::lock_guard lock(mutex_);
  return std::exchange(problem_, {});
}

bool LogWriter::is_failing() {
  const std::lock_guard lock(mutex_);
  return is_failing_;
}

void LogWriter::run() {
  std::string lines;
  std::unique_lock lock(mutex_);
  for (bool is_last = false; !is_last;) {
    const auto is_told = [this] { return reopen_at_ || is_stopping_; };
    // Lines that are left could not be written: more of them are no reason to try again.
    if (lines.empty()) {
      changed_.wait(lock, [&] { return !offered_.empty() || is_told(); });
    } else {
      changed_.wait_for(lock, kPause, is_told);
    }
    const auto reopen_at = std::exchange(reopen_at_, std::nullopt);
    const std::size_t old_bytes = lines.size() + reopen_at.value_or(0);
    if (lines.empty()) {
      lines.swap(offered_);  // nothing is copied while others wait for the lock
    } else {
      lines += offered_;
      offered_.clear();
    }
    is_last = is_stopping_;
    lock.unlock();
    if (reopen_at) {
      const std::string_view left = write(std::string_view(lines).substr(0, old_bytes));
      lines.erase(0, old_bytes - left.size());
      open_anew();
    }
    lines.erase(0, lines.size() - write(lines).size());
    lock.lock();
    unwritten_bytes_ = offered_.size() + lines.size();
    is_failing_ = !lines.empty();
  }
}

// Whole lines in each write: then those of several processes do not mix.
std::string_view LogWriter::write(std::string_view lines) {
  constexpr std::size_t kMaxWrite = std::size_t{64} << 10U;
  while (!lines.empty()) {
    std::size_t length = lines.size();
    if (length > kMaxWrite) length = lines.rfind('\n', kMaxWrite - 1) + 1;
    if (length == 0) length = lines.find('\n') + 1;  // one very long line
    const ssize_t written = ::write(file_.get(), lines.data(), length);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      report(base::IoError(errno, "writing {}", path_).what());
      break;
    }
    lines.remove_prefix(static_cast<std::size_t>(written));
  }
  return lines;
}

void LogWriter::open_anew() {
  try {
    file_ = open_log(path_);
  } catch (const base::IoError& error) {
    report(error.what());
  }
}

void LogWriter::report(std::string problem) {
  const std::lock_guard lock(mutex_);
  problem_ = std::move(problem);
}

}  // namespace mirrorway::mirrorlist_client
