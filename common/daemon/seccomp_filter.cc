#include "common/daemon/seccomp_filter.h"

#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <memory>

#include "common/base/error.h"
#include "common/base/fd.h"

namespace mirrorway::daemon {
namespace {

// When a filter is entered, the kernel works out for each of nine hundred system calls whether the
// filter allows it whatever the arguments, which takes 0.2 ms and pays for processes that live
// long. Ours often serve one request. The kernel gives up at the first look at an argument; so this
// is one, without consequences.
constexpr sock_filter kEndTheKernelsForesight =
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args));

struct Releaser {
  void operator()(void* context) const { ::seccomp_release(context); }
};
using Context = std::unique_ptr<void, Releaser>;

void check(int result, const char* what) {
  if (result < 0) throw base::IoError(-result, "system call filter: {}", what);
}

Context make_context() {
  Context context(::seccomp_init(SCMP_ACT_KILL_PROCESS));
  if (!context) throw base::Error("system call filter: out of memory");
  check(::seccomp_attr_set(context.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS),
        "foreign architectures");
  return context;
}

void allow(const Context& context, const AllowedCall& call, std::size_t place) {
  const int number = ::seccomp_syscall_resolve_name(call.name);
  if (number == __NR_SCMP_ERROR)
    throw base::Error("system call filter: unknown call {}", call.name);
  if (number < 0) return;  // not on this architecture
  std::vector<scmp_arg_cmp> tests;
  for (const ArgumentTest& test : call.tests)
    tests.push_back({test.index, SCMP_CMP_MASKED_EQ, test.mask, test.value});
  constexpr std::size_t kHighestPriority = 255;
  const auto priority =
      static_cast<std::uint8_t>(kHighestPriority - std::min(place, kHighestPriority));
  check(::seccomp_syscall_priority(context.get(), number, priority), call.name);
  check(::seccomp_rule_add_array(context.get(), SCMP_ACT_ALLOW, number,
                                 static_cast<unsigned>(tests.size()), tests.data()),
        call.name);
}

std::vector<sock_filter> compile(const Context& context) {
  const base::Fd memory(::memfd_create("mirrorway-seccomp", MFD_CLOEXEC));
  if (!memory) throw base::IoError(errno, "creating memory for a system call filter");
  check(::seccomp_export_bpf(context.get(), memory.get()), "compiling");
  const auto bytes = ::lseek(memory.get(), 0, SEEK_END);
  std::vector<sock_filter> program(static_cast<std::size_t>(bytes) / sizeof(sock_filter));
  if (program.empty() || ::pread(memory.get(), program.data(), static_cast<std::size_t>(bytes),
                                 0) != static_cast<ssize_t>(bytes))
    throw base::IoError(errno, "reading a system call filter");
  program.insert(program.begin(), kEndTheKernelsForesight);
  return program;
}

}  // namespace

SeccompFilter::SeccompFilter(std::span<const AllowedCall> allowed) {
  const Context context = make_context();
  for (std::size_t i = 0; i < allowed.size(); ++i) allow(context, allowed[i], i);
  program_ = compile(context);
  MIRRORWAY_ASSERT(program_.size() <= BPF_MAXINSNS);
}

void SeccompFilter::enter() const {
  std::vector<sock_filter> program = program_;
  const auto own = static_cast<std::uint32_t>(::getpid());
  for (sock_filter& instruction : program)
    if (instruction.code == (BPF_JMP | BPF_JEQ | BPF_K) && instruction.k == kOwnProcess)
      instruction.k = own;
  const sock_fprog what{static_cast<unsigned short>(program.size()), program.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &what) != 0)
    throw base::IoError(errno, "entering the system call filter");
}

}  // namespace mirrorway::daemon
