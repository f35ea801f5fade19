#include "common/daemon/launch.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <iterator>
#include <optional>

#include "common/base/error.h"
#include "common/base/text.h"
#include "common/daemon/readiness.h"
#include "common/daemon/successor.h"

namespace mirrorway::daemon {
namespace {

constexpr std::uint64_t kMostSockets = 4096;

// Removes the variable and returns what it was.
std::optional<std::string> take_variable(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  if (value == nullptr) return std::nullopt;
  std::string copy(value);
  ::unsetenv(name);  // NOLINT(concurrency-mt-unsafe)
  return copy;
}

void check_listens(const base::Fd& fd) {
  int listens = 0;
  socklen_t size = sizeof listens;
  if (::getsockopt(fd.get(), SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0)
    throw base::IoError(errno, "examining descriptor {}, which LISTEN_FDS passes", fd.get());
  if (listens == 0)
    throw base::Error("descriptor {}, which LISTEN_FDS passes, does not listen (Accept=no?)",
                      fd.get());
}

void prepare(const base::Fd& fd) {
  const int flags = ::fcntl(fd.get(), F_GETFL);
  if (flags < 0 || ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC) != 0 ||
      ::fcntl(fd.get(), F_SETFL, flags | O_NONBLOCK) != 0)
    throw base::IoError(errno, "preparing descriptor {}, which LISTEN_FDS passes", fd.get());
}

}  // namespace

Launch Launch::receive(int argc, char** argv) {
  Launch launch;
  launch.words.assign(argv, argv + argc);
  const auto pid = take_variable("LISTEN_PID");
  const auto count = take_variable("LISTEN_FDS");
  const auto names = take_variable("LISTEN_FDNAMES");
  if (!pid || !count || *pid != std::to_string(::getpid())) return launch;
  const auto sockets = base::parse_number(*count, kMostSockets);
  if (!sockets) throw base::Error("LISTEN_FDS is \"{}\"", base::printable(*count, 40));
  std::vector<std::string_view> words;
  if (names) words = base::split(*names, ':');
  for (std::size_t i = 0; i < *sockets; ++i) {
    NamedSocket socket{base::Fd(kFirstPassedFd + static_cast<int>(i)),
                       std::string(i < words.size() ? words[i] : "")};
    prepare(socket.fd);
    if (socket.name == kReadyPipeName) {
      launch.predecessor = std::move(socket.fd);
      continue;
    }
    check_listens(socket.fd);
    launch.sockets.push_back(std::move(socket));
  }
  return launch;
}

std::vector<NamedSocket> Launch::take(std::string_view name) {
  const auto first =
      std::stable_partition(sockets.begin(), sockets.end(),
                            [&](const NamedSocket& socket) { return socket.name != name; });
  std::vector<NamedSocket> taken(std::make_move_iterator(first),
                                 std::make_move_iterator(sockets.end()));
  sockets.erase(first, sockets.end());
  return taken;
}

void Launch::announce_ready() {
  // To the manager, a service whose process has a successor was ready all the time; and it hears
  // nobody but the main process, which the successor is not until its predecessor has said so.
  if (!predecessor) return notify_manager("READY=1");
  // A predecessor that has gone needs to know nothing.
  (void)!::write(predecessor.get(), "1", 1);
  predecessor.reset();
}

}  // namespace mirrorway::daemon
