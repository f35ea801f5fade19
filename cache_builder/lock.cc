#include "cache_builder/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <thread>

#include "cache_builder/exit_status.h"
#include "common/base/date.h"
#include "common/base/error.h"
#include "common/base/file.h"
#include "common/base/text.h"

namespace mirrorway::cache_builder {
namespace {

using Clock = std::chrono::steady_clock;

// Nobody but the owner can open it, and so nobody else can keep builds from running.
constexpr mode_t kOwnersOnly = 0600;

bool take_lock(const base::Fd& fd, const std::string& name) {
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return false;
    if (errno != EINTR) throw base::IoError(errno, "locking {}", name);
  }
  return true;
}

std::string holder(const base::Fd& fd) {
  std::array<char, 200> text{};
  const ssize_t got = ::pread(fd.get(), text.data(), text.size(), 0);
  if (got <= 0) return "somebody";  // who is just starting
  return base::printable(base::trim({text.data(), static_cast<std::size_t>(got)}));
}

void write_holder(const base::Fd& fd, std::string_view purpose, const std::string& name) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (::ftruncate(fd.get(), 0) != 0) throw base::IoError(errno, "emptying {}", name);
  base::write_all(
      fd, fmt::format("{}, process {}, since {}\n", purpose, ::getpid(), base::internet_date(now)),
      name);
}

}  // namespace

PublicationLock::PublicationLock(const std::filesystem::path& output, std::string_view purpose,
                                 std::chrono::milliseconds patience, std::string_view what_then) {
  const std::string name = output.string() + ".lock";
  fd_ = base::Fd(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kOwnersOnly));
  if (!fd_) throw base::IoError(errno, "opening {}", name);
  base::give_to_owner_of(std::filesystem::absolute(output).parent_path(), name);
  const auto deadline = Clock::now() + patience;
  while (!take_lock(fd_, name)) {
    if (Clock::now() >= deadline)
      throw Stopped(kExitLocked, "{}, as {} is being published by {}", what_then, output.string(),
                    holder(fd_));
    constexpr std::chrono::milliseconds kBetweenLooks{50};
    std::this_thread::sleep_for(kBetweenLooks);
  }
  write_holder(fd_, purpose, name);
}

}  // namespace mirrorway::cache_builder
