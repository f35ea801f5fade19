// A list of system calls, as the kernel's filter: any other kills the process with SIGSYS.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <span>
#include <vector>

namespace mirrorway::daemon {

// Something that an argument must fulfil: (argument & mask) == value.
struct ArgumentTest {
  unsigned index;  // from 0
  std::uint64_t mask;
  std::uint64_t value;
};

// For `value`: the process that enters the filter. No process has that number.
inline constexpr std::uint64_t kOwnProcess = 0x4D495252;

struct AllowedCall {
  const char* name;
  std::vector<ArgumentTest> tests = {};  // all of them must hold
};

class SeccompFilter {
 public:
  // The most frequent ones should come first. Throws base::Error when a call is not known to
  // libseccomp.
  explicit SeccompFilter(std::span<const AllowedCall> allowed);

  // From now on and for ever the calling process obeys; it can gain no privileges by exec either.
  // Costs less than the fork before it (some 0.06 ms). Throws base::IoError when the system does
  // not let it.
  void enter() const;

 private:
  std::vector<sock_filter> program_;
};

}  // namespace mirrorway::daemon
