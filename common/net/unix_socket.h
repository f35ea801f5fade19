// Stream sockets in the file system.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "common/base/fd.h"

namespace mirrorway::net {

// Who may connect. An id of -1 leaves the process's own.
struct SocketAccess {
  mode_t mode = 0660;
  uid_t owner = static_cast<uid_t>(-1);
  gid_t group = static_cast<gid_t>(-1);
};

// A listening, non-blocking socket at `path`. It appears there complete, by renaming: what connects
// finds it listening. A socket that nobody listens on any more is replaced; one that somebody does,
// or another kind of file, throws base::Error. The folder must exist.
base::Fd listen_unix(const std::filesystem::path& path, const SocketAccess& access = {});

// Where a Unix socket listens, whoever made it; empty when it has no path.
std::string path_of(const base::Fd& socket);

enum class Blocking : bool { kNo, kYes };

// With Blocking::kYes waits while the listener's backlog is full; with kNo that counts as refused.
// Throws base::IoError, and base::Error when the path is too long.
base::Fd connect_unix(const std::filesystem::path& path, Blocking blocking = Blocking::kYes);

// Removes what listen_unix put there, unless somebody has replaced it since. Constructed after
// listen_unix, in the process that is to remove it.
class UnixSocketPath {
 public:
  explicit UnixSocketPath(std::filesystem::path path);
  UnixSocketPath(const UnixSocketPath&) = delete;
  UnixSocketPath& operator=(const UnixSocketPath&) = delete;
  ~UnixSocketPath();

  // It is somebody else's to remove now.
  void release() { path_.clear(); }

 private:
  std::filesystem::path path_;
  std::pair<dev_t, ino_t> identity_;
};

}  // namespace mirrorway::net
