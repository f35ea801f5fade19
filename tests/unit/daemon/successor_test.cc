#include "common/daemon/successor.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>

#include <array>

#include <catch2/catch.hpp>

#include "common/base/error.h"
#include "common/base/file.h"
#include "common/net/unix_socket.h"
#include "tests/support/temporary_folder.h"

using namespace mirrorway;
using daemon::Successor;

namespace {

// Waits for what becomes of it.
Successor::State outcome(Successor& successor) {
  while (successor.state() == Successor::State::kStarting) {
    pollfd polled{successor.fd(), POLLIN, 0};
    ::poll(&polled, 1, static_cast<int>(successor.time_left().count()));
  }
  return successor.state();
}

Successor shell(const std::string& script) {
  return {{"/bin/sh", "-c", script}, {}};
}

}  // namespace

TEST_CASE("a successor that says so is ready and lives on") {
  Successor successor = shell("printf 1 >&3; exit 7");
  const pid_t pid = successor.pid();
  CHECK(outcome(successor) == Successor::State::kReady);
  int status = 0;
  CHECK(::waitpid(pid, &status, 0) == pid);
  CHECK(WEXITSTATUS(status) == 7);
}

TEST_CASE("a successor that ends has failed, and it is known how") {
  const std::array<std::pair<const char*, const char*>, 4> cases{
      {{"exit 3", "status 3"},
       {"kill -SEGV $$", "signal 11"},
       {"exit 0", "status 0"},
       // Gives up the pipe and hangs.
       {"exec 3>&-; exec sleep 60", "signal 9"}}};
  for (const auto& [script, how] : cases) {
    INFO(script);
    Successor successor = shell(script);
    CHECK(outcome(successor) == Successor::State::kFailed);
    CHECK_THAT(successor.failure(), Catch::EndsWith(how));
  }
  Successor missing({"/no/such/program"}, {});
  CHECK(outcome(missing) == Successor::State::kFailed);
  CHECK_THAT(missing.failure(), Catch::EndsWith("cannot run /no/such/program"));
  CHECK_THROWS_WITH(Successor({}, {}), Catch::Contains("not known"));
}

TEST_CASE("what is sent to all servers waits until a successor listens for it") {
  Successor successor = shell("kill -HUP $$; kill -USR1 $$; kill -USR2 $$; printf 1 >&3");
  CHECK(outcome(successor) == Successor::State::kReady);
}

TEST_CASE("a successor that is not wanted any more is killed") {
  pid_t pid = -1;
  {
    const Successor successor = shell("exec sleep 60");
    pid = successor.pid();
  }
  CHECK(::waitpid(pid, nullptr, WNOHANG) == -1);  // and reaped
}

TEST_CASE("a successor gets the sockets by the protocol of systemd, and nothing else") {
  const tests::TemporaryFolder folder;
  const base::Fd first = net::listen_unix(folder.path() / "first");
  const base::Fd second = net::listen_unix(folder.path() / "second");
  const base::Fd leaked(::open(folder.write("leaked", "").c_str(), O_RDONLY));  // not close-on-exec
  const std::array<daemon::HandedSocket, 2> sockets{{{second.get(), "b"}, {first.get(), "a"}}};
  const std::string result = (folder.path() / "result").string();
  Successor successor({"/bin/sh", "-c",
                       "[ $LISTEN_PID = $$ ] && echo $LISTEN_FDS $LISTEN_FDNAMES "
                       "$(readlink /proc/$$/fd/* | grep -c leaked) >" +
                           result + " && printf 1 >&3"},
                      sockets);
  CHECK(outcome(successor) == Successor::State::kReady);
  ::waitpid(successor.pid(), nullptr, 0);
  CHECK(base::read_file(result, 1000) == "3 own-ready-pipe:b:a 0\n");
}
