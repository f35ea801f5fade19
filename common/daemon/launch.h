// What a process was given by whoever started it: systemd, its predecessor (successor.h), or
// nobody.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/fd.h"

namespace mirrorway::daemon {

// A listening socket and the name that travels with it (LISTEN_FDNAMES).
struct NamedSocket {
  base::Fd fd;
  std::string name;
};

// How the names of sockets begin that this program has bound itself, as opposed to systemd.
inline constexpr std::string_view kOwnPrefix = "own-";

inline bool is_own(const NamedSocket& socket) {
  return socket.name.starts_with(kOwnPrefix);
}

struct Launch {
  // argv; empty when not known, and then there can be no successor.
  std::vector<std::string> words;
  // Non-blocking, close-on-exec.
  std::vector<NamedSocket> sockets;
  // The pipe to the predecessor, if there is one.
  base::Fd predecessor;

  // Takes over what was passed, and removes the variables from the environment: they are meant for
  // this process alone. Throws base::Error when what was passed is not listening.
  static Launch receive(int argc, char** argv);

  // Takes the sockets of that name out of `sockets`.
  std::vector<NamedSocket> take(std::string_view name);

  // Tells the predecessor, or else the manager, that this process serves from now on.
  void announce_ready();
};

}  // namespace mirrorway::daemon
