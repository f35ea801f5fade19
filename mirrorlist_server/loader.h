// Turns a snapshot file into an image in shared memory, in a process of its own.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "common/base/fd.h"
#include "common/snapshot/shared_image.h"

namespace mirrorway::mirrorlist_server {

struct LoadedSnapshot {
  std::shared_ptr<const snapshot::SharedImage> image;
  std::string digest;         // SHA-256 of the snapshot, hexadecimal
  std::uint64_t written = 0;  // when the file was, in Unix seconds
};

// A load under way. Its process is hostile, once the file has broken it, and it may hang, as a disk
// may: it is believed nothing but a short report, and is killed when its time is over.
class Loader {
 public:
  // A load in the background leaves the processor to those that answer meanwhile.
  enum class Urgency : bool { kBackground, kAtOnce };

  // Forks; single-threaded processes only. `limit` 0: none. Throws base::IoError.
  Loader(std::string path, Urgency urgency, std::chrono::milliseconds limit);
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;
  // Ends the process, but does not wait for its end.
  ~Loader();

  // Becomes readable when has_ended may have something new to tell; -1 after finish.
  int fd() const { return report_.get(); }
  // Nothing when there is no limit, and after finish.
  std::optional<std::chrono::milliseconds> time_left() const;
  // Whether the load has ended, or its time is over. Does not block.
  bool has_ended();

  // Blocks until has_ended; once only. Throws base::Error that names the file and says why it is
  // refused.
  LoadedSnapshot finish();

  // After finish: whether the process has gone, too. One that waits for a disk goes, though killed,
  // when the disk has answered. Does not block.
  bool is_gone();

 private:
  std::string path_;
  std::chrono::milliseconds limit_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  base::Fd memory_;
  base::Fd report_;  // what the loader says: "+", when the file was written and its digest, or "-"
                     // and the reason
  std::string said_;
  bool is_at_end_ = false;  // of what it says
  pid_t pid_ = -1;
};

}  // namespace mirrorway::mirrorlist_server
