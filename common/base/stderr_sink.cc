#include "common/base/stderr_sink.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

#include "common/base/fd.h"

namespace mirrorway::base {
namespace {

// Whether stderr may still make a writer wait afterwards.
bool unblock_stderr() {
  struct stat status {};
  if (::fstat(STDERR_FILENO, &status) != 0) return false;
  // A file never waits in a way that could be helped; for a socket see write_at_once.
  if (!S_ISFIFO(status.st_mode) && !S_ISCHR(status.st_mode)) return false;
  // The flag belongs to what was opened, which others have, too: so it is opened once more.
  const Fd own(::open("/proc/self/fd/2", O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  return !own || ::dup2(own.get(), STDERR_FILENO) < 0;
}

}  // namespace

StderrSink::StderrSink(std::string_view prefix, void (*on_drop)())
    : may_block_(unblock_stderr()), prefix_(prefix), on_drop_(on_drop) {}

// Like write, but waits for nothing.
ssize_t StderrSink::write_at_once(std::string_view text) const {
  // Nobody else's flags are touched.
  const ssize_t sent = ::send(STDERR_FILENO, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent >= 0 || errno != ENOTSOCK) return sent;
  pollfd polled{STDERR_FILENO, POLLOUT, 0};
  if (may_block_ && ::poll(&polled, 1, 0) != 1) return -1;
  return ::write(STDERR_FILENO, text.data(), text.size());
}

void StderrSink::sink_it_(const spdlog::details::log_msg& message) {
  if (dropped_ > 0) {
    const std::string text = fmt::format("{}log lines dropped count={}", prefix_, dropped_);
    if (write({message.time, {}, message.logger_name, spdlog::level::warn, text})) dropped_ = 0;
  }
  if (dropped_ == 0 && write(message)) return;
  ++dropped_;
  if (on_drop_ != nullptr) on_drop_();
}

bool StderrSink::write(const spdlog::details::log_msg& message) {
  spdlog::memory_buf_t line;
  if (is_line_open_) line.push_back('\n');
  formatter_->format(message, line);
  // As much as a pipe takes whole or not at all.
  constexpr std::size_t kMaxBytes = PIPE_BUF;
  if (line.size() > kMaxBytes) {
    line.resize(kMaxBytes - 1);
    line.push_back('\n');
  }
  const ssize_t written = write_at_once({line.data(), line.size()});
  if (written <= 0) return false;
  is_line_open_ = static_cast<std::size_t>(written) < line.size();
  return !is_line_open_;
}

}  // namespace mirrorway::base
