// The socket that front ends connect to: made here, or passed by whoever started the process.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/base/fd.h"
#include "common/daemon/launch.h"
#include "common/daemon/privileges.h"
#include "common/daemon/successor.h"
#include "common/net/unix_socket.h"
#include "mirrorlist_server/settings.h"

namespace mirrorway::mirrorlist_server {

// Removes the socket's path at the end, if it is ours.
class ServerSocket {
 public:
  // A passed socket is taken as it is; --socket counts only where there is none. One of our own
  // belongs to `identity`, if that is given. Throws base::Error.
  ServerSocket(const Settings& settings, const std::optional<daemon::Identity>& identity,
               daemon::Launch& launch);

  const base::Fd& fd() const { return socket_.fd; }
  std::string path() const { return net::path_of(socket_.fd); }
  daemon::HandedSocket handed() const { return {socket_.fd.get(), socket_.name}; }
  // This process serves from now on: a path that was handed over is its to remove, too.
  void take_over();
  // The successor has the socket and its path: close() leaves that alone.
  void hand_over();
  void close();

 private:
  std::string path_of_own_;  // empty: the path is systemd's
  bool was_passed_;
  daemon::NamedSocket socket_;
  std::unique_ptr<net::UnixSocketPath> path_;
};

}  // namespace mirrorway::mirrorlist_server
