#include "common/daemon/launch.h"

#include <fcntl.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>

#include <catch2/catch.hpp>

#include "common/base/error.h"
#include "common/net/unix_socket.h"
#include "tests/support/temporary_folder.h"

using namespace mirrorway;
using daemon::Launch;

namespace {

// Descriptors have to stand at fixed places, so each case has a process of its own. Returns what
// `check` says there: an empty text when all is well.
std::string in_a_process(int first, int second, const std::string& pid, const std::string& names,
                         const std::function<std::string()>& check) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  const int out = ::fcntl(ends[1], F_DUPFD, 50);
  const pid_t child = ::fork();
  if (child == 0) {
    const int a = ::fcntl(first, F_DUPFD, 60);
    const int b = ::fcntl(second, F_DUPFD, 60);
    ::dup2(a, 3);
    ::dup2(b, 4);
    ::setenv("LISTEN_PID", pid == "own" ? std::to_string(::getpid()).c_str() : pid.c_str(), 1);
    ::setenv("LISTEN_FDS", "2", 1);
    ::setenv("LISTEN_FDNAMES", names.c_str(), 1);
    std::string said;
    try {
      said = check();
    } catch (const base::Error& error) {
      said = error.what();
    }
    (void)!::write(out, said.data(), said.size());
    ::_exit(0);
  }
  ::close(out);
  ::close(ends[1]);
  std::string said(1000, '\0');
  said.resize(static_cast<std::size_t>(std::max<ssize_t>(::read(ends[0], said.data(), 1000), 0)));
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return said;
}

Launch receive() {
  std::array<char, 5> name{"prog"};
  std::array<char*, 2> argv{name.data(), nullptr};
  return Launch::receive(1, argv.data());
}

}  // namespace

TEST_CASE("sockets meant for this process are taken, with their names") {
  const tests::TemporaryFolder folder;
  const base::Fd web = net::listen_unix(folder.path() / "web");
  const base::Fd own = net::listen_unix(folder.path() / "own");
  CHECK(in_a_process(web.get(), own.get(), "own", "web:own-x", [] {
          Launch launch = receive();
          if (launch.words != std::vector<std::string>{"prog"}) return "words";
          if (launch.sockets.size() != 2) return "sockets";
          if (std::getenv("LISTEN_FDS") != nullptr) return "the next process would take them, too";
          for (const auto& socket : launch.sockets)
            if (::fcntl(socket.fd.get(), F_GETFD) != FD_CLOEXEC) return "close-on-exec";
          if (is_own(launch.sockets[0]) || !is_own(launch.sockets[1])) return "whose they are";
          if (launch.take("own-x").size() != 1 || launch.sockets.size() != 1) return "take";
          return launch.sockets[0].fd.get() == 3 ? "good" : "which is which";
        }) == "good");
}

TEST_CASE("sockets meant for another process are left alone") {
  const tests::TemporaryFolder folder;
  const base::Fd socket = net::listen_unix(folder.path() / "socket");
  CHECK(in_a_process(socket.get(), socket.get(), "1", "a:b",
                     [] { return receive().sockets.empty() ? "good" : "taken"; }) == "good");
}

TEST_CASE("what does not listen is refused") {
  const tests::TemporaryFolder folder;
  const base::Fd socket = net::listen_unix(folder.path() / "socket");
  const base::Fd connected = net::connect_unix(folder.path() / "socket");
  CHECK_THAT(in_a_process(socket.get(), connected.get(), "own", "",
                          [] {
                            receive();
                            return "taken";
                          }),
             Catch::Contains("descriptor 4") && Catch::Contains("does not listen"));
}

TEST_CASE("the predecessor's pipe is no socket, and hears when the successor is ready") {
  const tests::TemporaryFolder folder;
  const base::Fd socket = net::listen_unix(folder.path() / "socket");
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  CHECK(in_a_process(ends[1], socket.get(), "own", "own-ready-pipe:own-x", [] {
          Launch launch = receive();
          launch.announce_ready();
          return launch.sockets.size() == 1 && !launch.predecessor ? "good" : "bad";
        }) == "good");
  ::close(ends[1]);
  char said = 0;
  CHECK(::read(ends[0], &said, 1) == 1);
  ::close(ends[0]);
}
