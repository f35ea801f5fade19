// Turns a snapshot file into an image in shared memory, in a process of its own.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "common/base/fd.h"
#include "common/snapshot/shared_image.h"

namespace mirrorway::mirrorlist_server {

struct LoadedSnapshot {
  std::shared_ptr<const snapshot::SharedImage> image;
  std::string digest;         // SHA-256 of the snapshot, hexadecimal
  std::uint64_t written = 0;  // when the file was, in Unix seconds
};

// A load under way. Ended and reaped by the destructor if finish was not called.
class Loader {
 public:
  // A load in the background leaves the processor to those that answer meanwhile.
  enum class Urgency : bool { kBackground, kAtOnce };

  // Forks; single-threaded processes only. Throws base::IoError.
  Loader(std::string path, Urgency urgency);
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;
  ~Loader();

  // Becomes readable when the loader has ended or is about to.
  int fd() const { return report_.get(); }

  // Blocks until the loader has ended; once only. Throws base::Error that names the file and says
  // why it is refused.
  LoadedSnapshot finish();

 private:
  int reap();

  std::string path_;
  base::Fd memory_;
  base::Fd report_;  // what the loader says: "+", when the file was written and its digest, or "-"
                     // and the reason
  pid_t pid_ = -1;
};

}  // namespace mirrorway::mirrorlist_server
