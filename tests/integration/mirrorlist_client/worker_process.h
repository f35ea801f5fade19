// A worker of mirrorlist_client to talk to.
#pragma once

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "mirrorlist_client/listen_address.h"
#include "mirrorlist_client/worker.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/wait_until.h"

namespace mirrorway::tests {

// Machines that others use stop for longer than the front end waits by default.
inline mirrorlist_client::FrontEnd::Settings patient_settings() {
  mirrorlist_client::FrontEnd::Settings settings;
  settings.lookups.timeout = kPatience / 2;
  return settings;
}

// In a process of its own; looks for the server at server_socket(). Made before the test starts
// threads, for it forks.
class Worker {
 public:
  explicit Worker(mirrorlist_client::FrontEnd::Settings settings = patient_settings()) {
    settings.lookups.socket = server_socket();
    const auto any = *mirrorlist_client::parse_listen_address("127.0.0.1:0");
    base::Fd socket = mirrorlist_client::listen_shared(any);
    port_ = mirrorlist_client::listening_at(socket).port;
    pid_ = ::fork();
    if (pid_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a failed test leaves nothing behind
    std::vector<base::Fd> sockets;
    sockets.push_back(std::move(socket));
    ::_exit(mirrorlist_client::serve(std::move(settings), std::move(sockets)));
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() {
    if (pid_ <= 0) return;
    terminate();
    wait();
  }

  void terminate() const { ::kill(pid_, SIGTERM); }
  // Until it has ended; its wait status.
  int wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
  }

  std::string server_socket() const { return (folder_.path() / "server.sock").string(); }
  std::uint16_t port() const { return port_; }

 private:
  TemporaryFolder folder_;
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace mirrorway::tests
