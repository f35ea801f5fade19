// The sockets that HTTP comes in by: made here, or passed by systemd or by the process that this
// one replaces.
#pragma once

#include <string>
#include <vector>

#include "common/base/fd.h"
#include "common/daemon/launch.h"
#include "common/daemon/successor.h"
#include "mirrorlist_client/settings.h"

namespace mirrorway::mirrorlist_client {

// Kept in the parent, too: what connects while a worker is being restarted waits instead of
// failing.
class HttpSockets {
 public:
  // Takes those in `launch`. What systemd passes stands in the place of --listen and is shared by
  // all workers; otherwise each worker has a socket of its own for each address. A predecessor's
  // are taken for the addresses that are still wanted, all of them, however many workers there
  // are: the clients that wait in one that nobody takes would be lost. Throws base::Error.
  HttpSockets(const Settings& settings, daemon::Launch& launch);

  // For the log.
  const std::string& addresses() const { return addresses_; }

  // In a worker: its own. Those of the others are closed.
  std::vector<base::Fd> take(std::size_t worker);
  // For a successor; valid as long as this object is not changed.
  std::vector<daemon::HandedSocket> handed() const;
  void close();

 private:
  void add(const ListenAddress& asked, std::vector<daemon::NamedSocket>& passed);

  std::vector<daemon::NamedSocket> shared_;
  std::vector<std::vector<daemon::NamedSocket>> own_;  // by worker
  std::string addresses_;
};

}  // namespace mirrorway::mirrorlist_client
