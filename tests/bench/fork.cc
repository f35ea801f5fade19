// bench_fork SOCKET MEGABYTES: the least that a server can do that forks for each connection. It
// holds so much memory that it shares with its children; each of them takes whatever comes for a
// request, answers with a frame as long as a mirrorlist, and ends when its peer closes. What
// mirrorlist_server reaches of its rate says what is our doing and what is the system's.
// Serves until it is told to end.
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>

#include "common/base/error.h"
#include "common/net/unix_socket.h"
#include "common/wire/frame.h"

namespace {

using namespace mirrorway;

void share_memory(std::size_t bytes) {
  void* const memory =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw base::IoError(errno, "mapping {} bytes", bytes);
  std::memset(memory, 1, bytes);
}

[[noreturn]] void serve(const base::Fd& connection) {
  constexpr std::size_t kAnswerBytes = 2500;
  std::array<char, 4096> bytes{};
  ssize_t n = ::recv(connection.get(), bytes.data(), bytes.size(), 0);
  std::string answer(wire::kHeaderBytes + kAnswerBytes, 'x');
  const auto header = wire::encode_header({kAnswerBytes, 1});
  answer.replace(0, header.size(), header.data(), header.size());
  if (n > 0) n = ::send(connection.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
  while (n > 0) n = ::recv(connection.get(), bytes.data(), bytes.size(), 0);
  ::_exit(0);
}

void run(const char* path, const char* megabytes) {
  share_memory(std::strtoul(megabytes, nullptr, 10) << 20U);
  (void)std::signal(SIGCHLD, SIG_IGN);
  const base::Fd listener = net::listen_unix(path);
  // Waits in accept, where listen_unix's socket does not.
  if (::fcntl(listener.get(), F_SETFL, 0) != 0) throw base::IoError(errno, "preparing {}", path);
  while (true) {
    const base::Fd connection(::accept(listener.get(), nullptr, nullptr));
    if (!connection) continue;
    const pid_t pid = ::fork();
    if (pid < 0) throw base::IoError(errno, "forking");
    if (pid == 0) serve(connection);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: bench_fork SOCKET MEGABYTES\n");
    return 2;
  }
  try {
    run(argv[1], argv[2]);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_fork: {}\n", error.what());
  }
  return 1;
}
