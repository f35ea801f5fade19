#include "mirrorlist_client/supervisor.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>

#include <catch2/catch.hpp>

#include "common/base/error.h"
#include "common/daemon/signals.h"
#include "mirrorlist_client/listen_address.h"
#include "tests/integration/mirrorlist_client/http_peer.h"
#include "tests/integration/mirrorlist_client/worker_process.h"
#include "tests/support/wait_until.h"

using namespace mirrorway;
using namespace mirrorway::mirrorlist_client;

namespace {

using tests::wait_until;

// An address of loopback that nobody listens on.
ListenAddress free_address() {
  const auto any = *parse_listen_address("127.0.0.1:0");
  return listening_at(listen_shared(any));
}

class Program {
 public:
  explicit Program(std::uint32_t workers) : address_(free_address()) {
    settings_.listen = {address_.text()};
    settings_.server_socket = "/nonexistent/socket";
    settings_.metrics_listen = "none";
    settings_.workers = workers;
    pid_ = ::fork();
    if (pid_ != 0) {
      REQUIRE(wait_until([&] { return children().size() == workers; }));
      return;
    }
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // a failed test leaves nothing behind
    try {
      Supervisor(settings_).run();
      ::_exit(0);
    } catch (const std::exception&) {
      ::_exit(1);
    }
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    if (pid_ > 0) stop();
  }

  int stop() {
    ::kill(pid_, SIGTERM);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
  }

  std::vector<pid_t> children() const {
    std::ifstream file(fmt::format("/proc/{}/task/{}/children", pid_, pid_));
    std::vector<pid_t> pids;
    for (pid_t pid = 0; file >> pid;) pids.push_back(pid);
    return pids;
  }
  const Settings& settings() const { return settings_; }
  // A request that needs no server.
  unsigned ask() const { return tests::fetch(address_.port, "/").status; }

 private:
  ListenAddress address_;
  Settings settings_;
  pid_t pid_ = -1;
};

}  // namespace

TEST_CASE("workers serve, and stop when they are told to") {
  Program program(3);
  for (int i = 0; i < 20; ++i) CHECK(program.ask() == 404);
  CHECK(program.stop() == 0);
}

TEST_CASE("a worker that dies is replaced, and nobody is refused meanwhile") {
  const Program program(2);
  const auto before = program.children();
  for (const pid_t pid : before) ::kill(pid, SIGKILL);
  for (int i = 0; i < 20; ++i) CHECK(program.ask() == 404);
  CHECK(wait_until([&] { return program.children().size() == 2; }));
  CHECK(program.children() != before);
}

// A worker that logrotate's signal reached before its handler was in place died of it.
TEST_CASE("a signal that comes while a worker starts waits until the worker can obey") {
  const sigset_t terminate = daemon::make_signal_set({SIGTERM});
  sigset_t before;
  ::sigprocmask(SIG_BLOCK, &terminate, &before);
  tests::Worker worker;
  worker.terminate();
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  CHECK(worker.wait() == 0);
}

TEST_CASE("an address that somebody else uses is an error that names it") {
  const Program program(1);
  // A supervisor blocks signals, which processes of later tests would inherit.
  sigset_t before;
  ::sigprocmask(SIG_SETMASK, nullptr, &before);
  CHECK_THROWS_WITH(Supervisor(program.settings()),
                    Catch::Contains("listening on " + program.settings().listen.front()));
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
}
