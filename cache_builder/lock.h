// One publication at a time. The kernel lets go of the lock when its holder dies, however it dies.
#pragma once

#include <chrono>
#include <filesystem>
#include <string_view>

#include "common/base/fd.h"

namespace mirrorway::cache_builder {

class PublicationLock {
 public:
  // Of the snapshot at `output`; the lock is a file beside it, which stays. `purpose` is what
  // others are told that this process does. Waits up to `patience` for whoever holds it, then
  // throws Stopped (kExitLocked) that names them and says `what_then`. Throws base::IoError.
  PublicationLock(const std::filesystem::path& output, std::string_view purpose,
                  std::chrono::milliseconds patience,
                  std::string_view what_then = "nothing was done");

 private:
  base::Fd fd_;
};

}  // namespace mirrorway::cache_builder
