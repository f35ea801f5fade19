#include "mirrorlist_server/sandbox.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <vector>

#include "common/base/error.h"
#include "common/base/sanitizer.h"

namespace mirrorway::mirrorlist_server {
namespace {

constexpr std::uint64_t kInt = 0xFFFFFFFF;  // the bits of an argument that is an int

std::vector<daemon::AllowedCall> allowed_calls() {
  return {
      // Serving.
      {"recvfrom"},
      {"sendto"},
      {"poll"},
      {"ppoll"},
      {"shutdown"},
      {"rt_sigreturn"},
      {"restart_syscall"},
      // Where the kernel's page for it is not mapped.
      {"clock_gettime"},
      // Memory that can hold no code.
      {"brk"},
      {"mmap", {{2, PROT_EXEC, 0}, {3, MAP_ANONYMOUS | MAP_PRIVATE, MAP_ANONYMOUS | MAP_PRIVATE}}},
      {"munmap"},
      {"mremap"},
      {"madvise"},
      {"futex"},
      // The end, and last words: a broken invariant, a damaged heap.
      {"exit_group"},
#ifndef MIRRORWAY_HAS_SANITIZER
      {"write", {{0, kInt, STDERR_FILENO}}},
#endif
      {"writev", {{0, kInt, STDERR_FILENO}}},
      {"rt_sigprocmask"},
      {"getpid"},
      {"gettid"},
      {"tgkill", {{0, kInt, daemon::kOwnProcess}, {2, kInt, SIGABRT}}},
#ifdef MIRRORWAY_HAS_SANITIZER
      // AddressSanitizer at work, and reading the program's symbols for its report. Clang's
      // UndefinedBehaviorSanitizer finds out by a pipe which memory can be read.
      {"pipe2"},
      {"write"},
      {"mmap"},
      {"mprotect"},
      {"openat"},
      {"read"},
      {"pread64"},
      {"close"},
      {"lseek"},
      {"fstat"},
      {"newfstatat"},
      {"readlink"},
      {"readlinkat"},
      {"getrlimit"},
      {"prlimit64"},
      {"rt_sigaction"},
      {"sigaltstack"},
      {"sched_yield"},
      {"sched_getaffinity"},
      {"prctl"},
#endif
  };
}

void limit(int resource, rlim_t most) {
  const rlimit value{most, most};
  if (::setrlimit(static_cast<__rlimit_resource>(resource), &value) != 0)
    throw base::IoError(errno, "limiting a child's resources");
}

// What a child will do, in one that does nothing else.
void try_out(const daemon::SeccompFilter& filter) {
  const pid_t pid = ::fork();
  if (pid < 0) throw base::IoError(errno, "forking to try the sandbox");
  if (pid == 0) {
    try {
      filter.enter();
      ::_exit(0);
    } catch (const base::IoError& error) {
      ::_exit(error.code());
    }
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (status == 0) return;
  constexpr const char* kAdvice =
      "--sandbox none goes without, if you trust whoever can reach the socket";
  if (WIFSIGNALED(status))
    throw base::Error("the sandbox does not work here (signal {}); {}", WTERMSIG(status), kAdvice);
  throw base::Error("{}; {}",
                    base::IoError(WEXITSTATUS(status), "the sandbox does not work here").what(),
                    kAdvice);
}

}  // namespace

base::Fd isolate_descriptors(base::Fd connection) {
  // Not dup3: that refuses to do nothing when the number is right already.
  if (::dup2(connection.get(), STDIN_FILENO) < 0)
    throw base::IoError(errno, "moving a child's connection");
  if (connection.get() == STDIN_FILENO) (void)connection.release();
  connection = base::Fd(STDIN_FILENO);
  if (::close(STDOUT_FILENO) != 0 && errno != EBADF)
    throw base::IoError(errno, "closing a child's descriptors");
  if (::close_range(STDERR_FILENO + 1, ~0U, 0) != 0)
    throw base::IoError(errno, "closing a child's descriptors");
  return connection;
}

Sandbox::Sandbox(SandboxKind kind) {
  if (kind == SandboxKind::kNone) return;
  filter_.emplace(allowed_calls());
  try_out(*filter_);
}

void Sandbox::enter() const {
  limit(RLIMIT_CORE, 0);
#ifndef MIRRORWAY_HAS_SANITIZER
  constexpr rlim_t kMaxHeapBytes = rlim_t{256} << 20U;
  limit(RLIMIT_NOFILE, STDIN_FILENO + 1);
  limit(RLIMIT_DATA, kMaxHeapBytes);
#endif
  if (filter_) filter_->enter();
}

}  // namespace mirrorway::mirrorlist_server
