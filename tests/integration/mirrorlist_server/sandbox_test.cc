#include "mirrorlist_server/sandbox.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <vector>

#include <catch2/catch.hpp>

#include "common/base/error.h"
#include "common/base/sanitizer.h"
#include "mirrorlist_server/child.h"
#include "mirrorlist_server/hang_watch.h"

using namespace mirrorway;
using namespace mirrorway::mirrorlist_server;
using namespace std::chrono_literals;

namespace {

// How a process ends that does this.
int status_of(const std::function<void()>& body) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    (void)std::signal(SIGABRT, SIG_DFL);  // Catch has a handler of its own
    body();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return status;
}

int status_inside(const Sandbox& sandbox, const std::function<void()>& body) {
  return status_of([&] {
    sandbox.enter();
    body();
  });
}

struct Attempt {
  const char* name;
  std::function<void()> body;
};

// Nothing may come back from these.
std::vector<Attempt> forbidden() {
  return {
#ifndef MIRRORWAY_HAS_SANITIZER  // whose reports need files
      {"pipe", [] { (void)!::pipe2(nullptr, 0); }},
      {"writing elsewhere than to stderr", [] { (void)!::write(0, "x", 1); }},
      {"open", [] { ::open("/", O_RDONLY); }},
      {"open, the old call", [] { ::syscall(SYS_open, "/", O_RDONLY); }},
      {"memory with code",
       [] {
         (void)::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
       }},
      {"memory that becomes code", [] { ::mprotect(nullptr, 4096, PROT_EXEC); }},
      {"prctl", [] { ::prctl(PR_SET_DUMPABLE, 1); }},
      {"limits", [] { ::syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, nullptr, nullptr); }},
#endif
      {"socket", [] { ::socket(AF_UNIX, SOCK_STREAM, 0); }},
      {"connect", [] { (void)::connect(0, nullptr, 0); }},
      {"accept", [] { ::accept(0, nullptr, nullptr); }},
      {"descriptors from the peer", [] { (void)::recvmsg(0, nullptr, 0); }},
      {"dup", [] { (void)!::dup(2); }},
      {"memfd", [] { ::memfd_create("x", 0); }},
      {"fork", [] { ::fork(); }},
      {"exec", [] { ::execl("/bin/true", "true", nullptr); }},
      {"kill", [] { ::kill(::getpid(), SIGTERM); }},
      {"abort of another process", [] { ::syscall(SYS_tgkill, 1, 1, SIGABRT); }},
      {"another signal to itself", [] { ::syscall(SYS_tgkill, ::getpid(), ::gettid(), SIGKILL); }},
      {"ptrace", [] { ::syscall(SYS_ptrace, 0, 0, 0, 0); }},
      {"reading another's memory",
       [] { ::syscall(SYS_process_vm_readv, ::getpid(), 0, 0, 0, 0, 0); }},
      {"unlink", [] { ::unlink("/nothing"); }},
      {"io_uring", [] { ::syscall(SYS_io_uring_setup, 1, nullptr); }},
      {"bpf", [] { ::syscall(SYS_bpf, 0, nullptr, 0); }},
      {"stopping the watch over answers", [] { ::setitimer(ITIMER_PROF, nullptr, nullptr); }},
      {"sleeping", [] { ::syscall(SYS_nanosleep, nullptr, nullptr); }},
  };
}

}  // namespace

TEST_CASE("what a child has no business to do kills it") {
  const Sandbox sandbox(SandboxKind::kSeccomp);
  for (const Attempt& attempt : forbidden()) {
    INFO(attempt.name);
    const int status = status_inside(sandbox, attempt.body);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGSYS);
  }
}

TEST_CASE("what a child needs it has") {
  const Sandbox sandbox(SandboxKind::kSeccomp);
  CHECK(status_inside(sandbox, [] {
          std::vector<char> large(64 << 20U, 'x');  // mmap
          large.resize(100 << 20U);                 // mremap, or another
          for (std::size_t i = 0; i < 10'000; ++i) std::vector<char>(i).swap(large);
          timespec time{};
          ::syscall(SYS_clock_gettime, CLOCK_REALTIME, &time);
          (void)!::write(STDERR_FILENO, "", 0);
        }) == 0);
}

TEST_CASE("a child whose invariants are broken ends as one, not as one that broke its sandbox") {
  const Sandbox sandbox(SandboxKind::kSeccomp);
  CHECK(WTERMSIG(status_inside(sandbox, [] { std::abort(); })) == SIGABRT);
}

#ifndef MIRRORWAY_HAS_SANITIZER  // which needs descriptors and memory
TEST_CASE("without a filter there are limits") {
  const Sandbox sandbox(SandboxKind::kNone);
  CHECK(status_inside(sandbox, [] { ::_exit(::socket(AF_UNIX, SOCK_STREAM, 0) < 0 ? 0 : 1); }) ==
        0);
  CHECK(status_inside(sandbox, [] {
          try {
            std::vector<char> huge(300 << 20U);
            ::_exit(huge.back() + 1);
          } catch (const std::bad_alloc&) {
          }
        }) == 0);
}
#endif

TEST_CASE("an answer that takes too long ends its process") {
  const int hung = status_of([] {
    HangWatch watch(10ms);
    watch.begin();
    while (true) ::getppid();
  });
  CHECK(WEXITSTATUS(hung) == static_cast<int>(ChildExit::kHung));
}

// The timer's ticks are given by hand here: a machine that stands still makes many at once.
TEST_CASE("an answer is ended at its second tick, and many short ones never are") {
  CHECK(status_of([] {
          HangWatch watch(1h);
          watch.begin();
          (void)std::raise(SIGPROF);
        }) == 0);
  CHECK(status_of([] {
          HangWatch watch(1h);
          for (int i = 0; i < 100; ++i) {
            watch.begin();
            (void)std::raise(SIGPROF);
          }
          watch.end();
          for (int i = 0; i < 100; ++i) (void)std::raise(SIGPROF);  // nothing is under way
        }) == 0);
  const int hung = status_of([] {
    HangWatch watch(1h);
    watch.begin();
    (void)std::raise(SIGPROF);
    (void)std::raise(SIGPROF);
  });
  CHECK(WEXITSTATUS(hung) == static_cast<int>(ChildExit::kHung));
}

TEST_CASE("an answer that waits while the machine does other things goes on") {
  CHECK(status_of([] {
          HangWatch watch(1s);
          watch.begin();
          const timespec pause{2, 500'000'000};
          ::nanosleep(&pause, nullptr);
        }) == 0);
}

TEST_CASE("a child keeps its connection and stderr") {
  CHECK(status_of([] {
          std::array<int, 2> ends{};
          if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) ::_exit(1);
          const base::Fd connection = isolate_descriptors(base::Fd(ends[1]));
          if (connection.get() != STDIN_FILENO) ::_exit(2);
          for (int fd = 0; fd < 100; ++fd)
            if ((::fcntl(fd, F_GETFD) >= 0) != (fd == STDIN_FILENO || fd == STDERR_FILENO))
              ::_exit(3);
        }) == 0);
}
