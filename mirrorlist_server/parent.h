// The parent process: loads, listens, forks, reaps, reloads. See DESIGN.md.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "common/base/fd.h"
#include "common/geo/database.h"
#include "common/net/unix_socket.h"
#include "mirrorlist_server/loader.h"
#include "mirrorlist_server/metrics.h"
#include "mirrorlist_server/settings.h"

namespace mirrorway::mirrorlist_server {

// Device, inode, size, and seconds and nanoseconds of the last change.
using FileIdentity = std::tuple<dev_t, ino_t, off_t, time_t, long>;

class Parent {
 public:
  // Loads everything and listens. Throws base::Error when any of it cannot be.
  explicit Parent(const Settings& settings);

  // Serves until SIGTERM or SIGINT; returns when all children have ended. Throws base::IoError.
  // In a child it does not return.
  void run();

 private:
  bool note_room();
  void handle_signals();
  void accept_connection();
  void start_child(base::Fd connection);
  [[noreturn]] void run_child(base::Fd connection, pid_t parent);
  void reap_children();
  void start_reload();
  void finish_reload();
  bool take_snapshot();
  bool take_geo();
  void retire_children();
  void stop_children();

  const Settings& settings_;
  SharedMetrics metrics_;
  base::Fd signals_;
  std::vector<FileIdentity> geo_files_;  // as they were when geo_ was loaded
  std::shared_ptr<const geo::GeoDatabase> geo_;
  LoadedSnapshot snapshot_;
  std::optional<Loader> loader_;
  bool wants_reload_ = false;  // asked for while a load was under way
  base::Fd listener_;
  std::optional<net::UnixSocketPath> socket_path_;
  std::unordered_map<pid_t, bool> children_;  // whether retired already
  bool is_stopping_ = false;
  bool was_full_ = false;
  bool is_short_of_resources_ = false;
};

}  // namespace mirrorway::mirrorlist_server
