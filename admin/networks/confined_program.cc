#include "admin/networks/confined_program.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "common/base/error.h"

namespace mirrorway::admin {
namespace {

constexpr int kCannotStart = 127;  // as a shell has it

void limit(int resource, rlim_t most) {
  const rlimit value{most, most};
  ::setrlimit(static_cast<__rlimit_resource>(resource), &value);
}

// Between fork and exec: nothing is allocated, whatever fails leaves the child as it was.
void confine_child() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  (void)::signal(SIGPIPE, SIG_DFL);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, ConfinedProgram::kMaxMessageBytes);  // its output is a pipe
  limit(RLIMIT_NOFILE, 16);
  limit(RLIMIT_CPU, 3600);  // seconds
  limit(RLIMIT_AS, 1 << 30);
}

}  // namespace

ConfinedProgram::ConfinedProgram(const std::vector<std::string>& words, const base::Fd& input,
                                 const base::Fd& output)
    : messages_(::memfd_create("messages", MFD_CLOEXEC)) {
  if (!messages_) throw base::IoError(errno, "making a file in memory");
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ < 0) throw base::IoError(errno, "starting {}", words[0]);
  if (pid_ != 0) return;
  ::dup2(input.get(), STDIN_FILENO);
  ::dup2(output.get(), STDOUT_FILENO);
  ::dup2(messages_.get(), STDERR_FILENO);
  confine_child();
  ::execvp(arguments[0], arguments.data());
  const char* const reason = ::strerrordesc_np(errno);
  (void)!::write(STDERR_FILENO, reason, std::strlen(reason));
  ::_exit(kCannotStart);
}

ConfinedProgram::~ConfinedProgram() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

ConfinedProgram::End ConfinedProgram::wait() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0)
    if (errno != EINTR) throw base::IoError(errno, "waiting for a child process");
  pid_ = -1;
  std::string said = read_messages();
  End end;
  if (WIFEXITED(status) && WEXITSTATUS(status) == kCannotStart) {
    end.not_started = said;
    return end;
  }
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  if (WIFEXITED(status)) end.status = WEXITSTATUS(status);
  end.messages = std::move(said);
  return end;
}

std::string ConfinedProgram::read_messages() const {
  std::string said(kMaxMessageBytes, '\0');
  std::size_t length = 0;
  while (length < said.size()) {
    const ssize_t got = ::pread(messages_.get(), said.data() + length, said.size() - length,
                                static_cast<off_t>(length));
    if (got < 0) throw base::IoError(errno, "reading a child's messages");
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  said.resize(length);
  return said;
}

}  // namespace mirrorway::admin
