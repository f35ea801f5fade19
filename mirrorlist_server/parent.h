// The parent process: loads, listens, forks, reaps, reloads. See DESIGN.md.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "common/base/fd.h"
#include "common/base/message_limit.h"
#include "common/daemon/launch.h"
#include "common/daemon/upgrade.h"
#include "common/daemon/watchdog.h"
#include "common/geo/database.h"
#include "mirrorlist_server/children.h"
#include "mirrorlist_server/loader.h"
#include "mirrorlist_server/memory_watch.h"
#include "mirrorlist_server/metrics.h"
#include "mirrorlist_server/sandbox.h"
#include "mirrorlist_server/server_socket.h"
#include "mirrorlist_server/settings.h"

namespace mirrorway::mirrorlist_server {

// Device, inode, size, and seconds and nanoseconds of the last change.
using FileIdentity = std::tuple<dev_t, ino_t, off_t, time_t, long>;

class Parent {
 public:
  // Listens, drops privileges and loads everything. Throws base::Error when any of it cannot be.
  explicit Parent(const Settings& settings, daemon::Launch launch = {});

  // Serves until SIGTERM or SIGINT, or until its successor does; returns when all children have
  // ended. Throws base::IoError. In a child it does not return.
  void run();

 private:
  bool note_room();
  void handle_signals();
  void accept_connection();
  void say_short(std::string_view event, int error);
  void start_child(base::Fd connection);
  [[noreturn]] void run_child(base::Fd connection, pid_t parent);
  int wait_ms() const;
  void start_reload();
  void finish_reload();
  void end_reload();
  bool take_snapshot();
  bool take_geo();
  void start_upgrade();
  void hand_over();
  void stop_children();
  void count_snapshot() const;

  const Settings& settings_;
  SharedMetrics metrics_;
  daemon::Launch launch_;
  base::Fd signals_;
  ServerSocket socket_;
  Sandbox sandbox_;
  std::optional<Loader> loader_;
  std::vector<FileIdentity> geo_files_;  // as they were when geo_ was loaded
  std::shared_ptr<const geo::GeoDatabase> geo_;
  LoadedSnapshot snapshot_;
  bool wants_reload_ = false;  // asked for while a load was under way
  base::Fd unserved_;          // accepted, but there was no process for it
  Children children_;
  MemoryWatch memory_watch_{metrics_};
  daemon::Upgrade upgrade_;
  daemon::Watchdog watchdog_;
  bool is_replaced_ = false;
  bool is_stopping_ = false;
  bool was_full_ = false;
  bool is_short_of_resources_ = false;
  base::MessageLimit shortage_messages_{std::chrono::minutes(1)};
};

}  // namespace mirrorway::mirrorlist_server
