#include "mirrorlist_server/loader.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "common/base/error.h"
#include "common/base/file.h"
#include "common/base/text.h"
#include "common/snapshot/file.h"

namespace mirrorway::mirrorlist_server {
namespace {

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
    const proto::Snapshot snapshot = snapshot::decode_file(bytes);
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

std::string read_to_end(const base::Fd& fd) {
  std::string text;
  std::array<char, 4096> buffer{};
  while (true) {
    const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

}  // namespace

Loader::Loader(std::string path, Urgency urgency)
    : path_(std::move(path)), memory_(snapshot::create_image_memory()) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw base::IoError(errno, "creating a pipe");
  report_ = base::Fd(ends[0]);
  const base::Fd write_end(ends[1]);
  pid_ = ::fork();
  if (pid_ < 0) throw base::IoError(errno, "forking the loader of {}", path_);
  if (pid_ == 0) {
    if (urgency == Urgency::kBackground) give_way();
    run_loader(path_, memory_, write_end);
  }
}

Loader::~Loader() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  reap();
}

int Loader::reap() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return status;
}

LoadedSnapshot Loader::finish() {
  MIRRORWAY_ASSERT(pid_ >= 0);
  const std::string report = read_to_end(report_);
  const int status = reap();
  if (report.empty() || (report[0] != '+' && report[0] != '-'))
    throw base::Error("loading snapshot {}: the loader broke down, wait status {}", path_, status);
  if (report[0] == '-') throw base::Error("loading snapshot {}: {}", path_, report.substr(1));
  const std::size_t blank = std::min(report.find(' '), report.size() - 1);
  return {
      std::make_shared<const snapshot::SharedImage>(memory_), report.substr(blank + 1),
      base::parse_number(std::string_view(report).substr(1, blank - 1), UINT64_MAX).value_or(0)};
}

}  // namespace mirrorway::mirrorlist_server
