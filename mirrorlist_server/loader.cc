#include "mirrorlist_server/loader.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "common/base/duration.h"
#include "common/base/error.h"
#include "common/base/file.h"
#include "common/base/text.h"
#include "common/snapshot/file.h"

namespace mirrorway::mirrorlist_server {
namespace {

// Of a report; the reason why a snapshot is refused is the longest.
constexpr std::size_t kMaxReportBytes = 64 << 10;

// 0 when it cannot be told: reading the file will say why.
std::uint64_t time_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_mtim.tv_sec) : 0;
}

std::string load(const std::string& path, const base::Fd& memory) {
  try {
    // First, so that a file that is replaced in between is never taken for newer than it is.
    const std::uint64_t written = time_of(path);
    const std::string bytes = base::read_file(path, snapshot::kMaxSnapshotBytes);
    // Never destroyed: this process is about to end, and to take a million strings apart first
    // would be a tenth of its work.
    const auto& snapshot = *new proto::Snapshot(snapshot::decode_file(bytes));
    snapshot::store_image(memory, snapshot::Image::build(snapshot));
    return fmt::format("+{} {}", written, snapshot::file_digest(bytes));
  } catch (const std::exception& error) {
    return std::string("-") + error.what();
  }
}

// Whoever wakes up to answer goes first; a tenth of a busy processor is left for the load.
void give_way() {
  constexpr int kNice = 10;
  const sched_param parameters{};
  // Without success the load is merely less considerate.
  ::sched_setscheduler(0, SCHED_BATCH, &parameters);
  ::setpriority(PRIO_PROCESS, 0, kNice);
}

[[noreturn]] void run_loader(const std::string& path, const base::Fd& memory,
                             const base::Fd& report) {
  int status = 0;
  try {
    base::write_all(report, load(path, memory), "the loader's report");
  } catch (const std::exception&) {
    status = 1;  // the parent has gone
  }
  ::_exit(status);
}

}  // namespace

Loader::Loader(std::string path, Urgency urgency, std::chrono::milliseconds limit)
    : path_(std::move(path)), limit_(limit), memory_(snapshot::create_image_memory()) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw base::IoError(errno, "creating a pipe");
  report_ = base::Fd(ends[0]);
  const base::Fd write_end(ends[1]);
  if (::fcntl(report_.get(), F_SETFL, O_NONBLOCK) != 0)
    throw base::IoError(errno, "preparing a pipe");
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw base::IoError(errno, "forking the loader of {}", path_);
  if (pid_ == 0) {
    // While a disk hangs, it would keep the socket from the server that is started next.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    if (urgency == Urgency::kBackground) give_way();
    run_loader(path_, memory_, write_end);
  }
}

Loader::~Loader() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  is_gone();
}

std::optional<std::chrono::milliseconds> Loader::time_left() const {
  if (limit_.count() == 0 || !report_) return std::nullopt;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(started_ + limit_ -
                                                                 std::chrono::steady_clock::now());
  return std::max(left, std::chrono::milliseconds(0));
}

bool Loader::has_ended() {
  std::array<char, 4096> buffer{};
  while (said_.size() <= kMaxReportBytes) {
    const ssize_t n = ::read(report_.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return time_left() == std::chrono::milliseconds(0);
    if (n <= 0) return is_at_end_ = true;
    said_.append(buffer.data(), static_cast<std::size_t>(n));
  }
  return true;
}

LoadedSnapshot Loader::finish() {
  MIRRORWAY_ASSERT(report_);
  while (!has_ended()) {
    pollfd polled{report_.get(), POLLIN, 0};
    const auto left = time_left().value_or(std::chrono::milliseconds(-1));
    ::poll(&polled, 1, static_cast<int>(left.count()));
  }
  // Nothing more is wanted of it, whatever it does.
  ::kill(pid_, SIGKILL);
  report_.reset();
  if (!is_at_end_ && said_.size() <= kMaxReportBytes) {
    is_gone();
    throw base::Error(
        "loading snapshot {}: not done within {} (--load-timeout); does the disk hang?", path_,
        base::format_duration(limit_));
  }
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  if (!is_at_end_ || said_.empty() || (said_[0] != '+' && said_[0] != '-'))
    throw base::Error("loading snapshot {}: the loader broke down, wait status {}", path_, status);
  if (said_[0] == '-') throw base::Error("loading snapshot {}: {}", path_, said_.substr(1));
  const std::size_t blank = std::min(said_.find(' '), said_.size() - 1);
  return {std::make_shared<const snapshot::SharedImage>(memory_), said_.substr(blank + 1),
          base::parse_number(std::string_view(said_).substr(1, blank - 1), UINT64_MAX).value_or(0)};
}

bool Loader::is_gone() {
  if (pid_ >= 0 && ::waitpid(pid_, nullptr, WNOHANG) != 0) pid_ = -1;
  return pid_ < 0;
}

}  // namespace mirrorway::mirrorlist_server
