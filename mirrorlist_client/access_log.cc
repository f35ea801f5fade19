#include "mirrorlist_client/access_log.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "common/base/error.h"
#include "common/base/log.h"
#include "common/base/text.h"

namespace mirrorway::mirrorlist_client {
namespace {

constexpr std::chrono::milliseconds kDelay{1'000};

// Not waiting for a reader when somebody gives the path of a pipe.
base::Fd open_log(const std::string& path) {
  constexpr mode_t kMode = 0640;
  base::Fd file(
      ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, kMode));
  if (!file) throw base::IoError(errno, "opening the access log {}", path);
  return file;
}

// A value that ends where it seems to end.
std::string field(std::string_view text) {
  std::string value = base::printable(text);
  for (char& c : value)
    if (c == ';') c = '_';
  return value;
}

}  // namespace

std::string format_mirrormanager(const AccessEntry& entry) {
  return fmt::format("IP: {}; DATE: {:%Y-%m-%d}; COUNTRY: {}; REPO: {}; ARCH: {}",
                     entry.client.text(),
                     fmt::gmtime(std::chrono::system_clock::to_time_t(entry.time)),
                     entry.country.empty() ? "N/A" : field(entry.country), field(entry.repository),
                     field(entry.architecture));
}

AccessLog::AccessLog(EventLoop& loop, std::string path)
    : path_(std::move(path)), soon_(Event::timer(loop, [this] { write_out(); })) {
  if (is_on()) file_ = open_log(path_);
}

AccessLog::~AccessLog() {
  write_out();
}

void AccessLog::add(std::string_view line) {
  if (!is_on() || unwritten_.size() + line.size() >= kMaxUnwritten) return;
  unwritten_ += line;
  unwritten_ += '\n';
  if (!soon_.is_waiting()) soon_.start_in(kDelay);
}

// Whole lines in each write: then those of several processes do not mix.
void AccessLog::write_out() {
  constexpr std::size_t kMaxWrite = std::size_t{64} << 10U;
  while (!unwritten_.empty()) {
    std::size_t length = unwritten_.size();
    if (length > kMaxWrite) length = unwritten_.rfind('\n', kMaxWrite - 1) + 1;
    const ssize_t written = ::write(file_.get(), unwritten_.data(), length);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return note_failure(errno);
    has_failed_ = false;
    unwritten_.erase(0, static_cast<std::size_t>(written));
  }
}

void AccessLog::note_failure(int error) {
  if (!std::exchange(has_failed_, true))
    base::log(base::LogLevel::kError, "cannot write the access log", "error={}",
              base::quoted(base::IoError(error, "writing {}", path_).what()));
  soon_.start_in(kDelay);
}

void AccessLog::reopen() {
  if (!is_on()) return;
  write_out();
  try {
    file_ = open_log(path_);
  } catch (const base::IoError& error) {
    base::log(base::LogLevel::kError, "access log not reopened", "error={}",
              base::quoted(error.what()));
  }
}

}  // namespace mirrorway::mirrorlist_client
