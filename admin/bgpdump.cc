#include "admin/bgpdump.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>

#include "admin/routes.h"
#include "common/base/error.h"
#include "common/base/text.h"

namespace mirrorway::admin {
namespace {

constexpr std::chrono::minutes kMaxSilence{2};
constexpr int kCannotStart = 127;  // as a shell has it

void limit(int resource, rlim_t most) {
  const rlimit value{most, most};
  ::setrlimit(static_cast<__rlimit_resource>(resource), &value);
}

// Between fork and exec: nothing is allocated, whatever fails leaves the child as it was.
void confine_child() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, 64 << 10);  // of its messages; its output is a pipe
  limit(RLIMIT_NOFILE, 16);
  limit(RLIMIT_CPU, 3600);  // seconds
  limit(RLIMIT_AS, 1 << 30);
}

}  // namespace

bool is_route_dump(const std::string& file) {
  const base::Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) throw base::IoError(errno, "opening {}", file);
  // A pipe could not be read from its start a second time.
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) throw base::IoError(errno, "examining {}", file);
  if (!S_ISREG(status.st_mode)) throw base::Error("reading {}: not a regular file", file);
  std::array<char, 12> head{};
  const ssize_t got = ::read(fd.get(), head.data(), head.size());
  if (got < 0) throw base::IoError(errno, "reading {}", file);
  const std::string_view start(head.data(), static_cast<std::size_t>(got));
  // Of an MRT record: time, then type 12 (TABLE_DUMP) or 13 (TABLE_DUMP_V2).
  const bool is_mrt =
      start.size() >= 6 && start[4] == '\0' && (start[5] == '\x0C' || start[5] == '\x0D');
  return start.starts_with("\x1F\x8B") || start.starts_with("BZh") || is_mrt;
}

Bgpdump::Bgpdump(const std::string& program, const std::string& file)
    : file_(file), messages_(::memfd_create("bgpdump", MFD_CLOEXEC)) {
  if (!messages_) throw base::IoError(errno, "making a file in memory");
  start(program, std::filesystem::absolute(file).string());
  lines_.emplace(output_, file_, kMaxNetworkLineBytes, kMaxSilence);
}

void Bgpdump::start(const std::string& program, const std::string& file) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw base::IoError(errno, "making a pipe");
  output_ = base::Fd(ends[0]);
  const base::Fd child_end(ends[1]);
  const base::Fd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  // -m: a line for every entry; -v: messages on stderr instead of the system's log.
  const std::array<const char*, 5> words{program.c_str(), "-m", "-v", file.c_str(), nullptr};
  pid_ = ::fork();
  if (pid_ < 0) throw base::IoError(errno, "starting {}", program);
  if (pid_ != 0) return;
  ::dup2(nothing.get(), STDIN_FILENO);
  ::dup2(child_end.get(), STDOUT_FILENO);
  ::dup2(messages_.get(), STDERR_FILENO);
  confine_child();
  ::execvp(words[0], const_cast<char* const*>(words.data()));
  const char* const reason = ::strerrordesc_np(errno);
  (void)!::write(STDERR_FILENO, reason, std::strlen(reason));
  ::_exit(kCannotStart);
}

Bgpdump::~Bgpdump() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::optional<std::string_view> Bgpdump::next_line() {
  return lines_->next();
}

std::string Bgpdump::complaint() const {
  std::string text(4096, '\0');
  const ssize_t got = ::pread(messages_.get(), text.data(), text.size(), 0);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  // A time and a level stand before its messages; anything else is the system's or a crash.
  for (const std::string_view line : base::split(text, '\n')) {
    if (line.find("[info]") != std::string_view::npos ||
        line.find("[warn]") != std::string_view::npos || base::trim(line).empty())
      continue;
    const std::size_t level = line.find("[error] ");
    return base::printable(
        base::trim(level == std::string_view::npos ? line : line.substr(level + 8)), 120);
  }
  return {};
}

void Bgpdump::finish() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0)
    if (errno != EINTR) throw base::IoError(errno, "waiting for bgpdump");
  pid_ = -1;
  const std::string said = complaint();
  if (WIFEXITED(status) && WEXITSTATUS(status) == kCannotStart)
    throw base::Error(
        "{}: bgpdump, which reads routing tables, does not start: {}; install it, or "
        "say where it is (--bgpdump)",
        file_, said);
  if (WIFSIGNALED(status))
    throw base::Error("{}: bgpdump broke down on it (signal {}); is the file complete?", file_,
                      WTERMSIG(status));
  if (!said.empty() || WEXITSTATUS(status) != 0)
    throw base::Error(
        "{}: bgpdump cannot read it to its end{}{}; is the file complete, and named "
        "*.gz or *.bz2 if it is compressed?",
        file_, said.empty() ? "" : ": ", said);
}

}  // namespace mirrorway::admin
