// What a child may still do once it reads what a client sent. Why: DESIGN.md, "Threats".
#pragma once

#include <optional>

#include "common/base/fd.h"
#include "common/daemon/seccomp_filter.h"

namespace mirrorway::mirrorlist_server {

enum class SandboxKind {
  kSeccomp,
  kNone,  // limits only, for systems that allow no system call filters
};

// Closes every descriptor but stderr and the connection. Returns the connection, which is then
// descriptor 0: so no limit above 1 is needed for it. In a child, before serve.
base::Fd isolate_descriptors(base::Fd connection);

class Sandbox {
 public:
  // Compiles the filter and tries it out in a process of its own. Single-threaded processes only.
  // Throws base::Error when the system does not let it.
  explicit Sandbox(SandboxKind kind);

  // The calling process can open and make nothing any more, have no more than 256 MiB of
  // memory of its own, and leave no core file, which would hold clients' addresses. What else it
  // tries kills it with SIGSYS. Signal handlers must be in place. Throws base::IoError.
  void enter() const;

 private:
  std::optional<daemon::SeccompFilter> filter_;
};

}  // namespace mirrorway::mirrorlist_server
