// Stream sockets in the file system.
#pragma once

#include <filesystem>
#include <string>

#include "common/base/fd.h"

namespace mirrorway::net {

// A listening, non-blocking socket at `path`, for owner and group (mode 0660). It appears there
// complete, by renaming: what connects finds it listening. A socket that nobody listens on any more
// is replaced; one that somebody does, or another kind of file, throws base::Error. The folder must
// exist.
base::Fd listen_unix(const std::filesystem::path& path);

// Blocks until connected or refused. Throws base::IoError.
base::Fd connect_unix(const std::filesystem::path& path);

// Removes what listen_unix put there, unless somebody has replaced it since. Constructed after
// listen_unix, in the process that is to remove it.
class UnixSocketPath {
 public:
  explicit UnixSocketPath(std::filesystem::path path);
  UnixSocketPath(const UnixSocketPath&) = delete;
  UnixSocketPath& operator=(const UnixSocketPath&) = delete;
  ~UnixSocketPath();

 private:
  std::filesystem::path path_;
  std::pair<dev_t, ino_t> identity_;
};

}  // namespace mirrorway::net
