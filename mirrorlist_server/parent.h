// The parent process: listens, forks, reaps, stops, is replaced. See DESIGN.md.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string_view>

#include "common/base/fd.h"
#include "common/base/message_limit.h"
#include "common/daemon/launch.h"
#include "common/daemon/upgrade.h"
#include "common/daemon/watchdog.h"
#include "mirrorlist_server/children.h"
#include "mirrorlist_server/memory_watch.h"
#include "mirrorlist_server/metrics.h"
#include "mirrorlist_server/sandbox.h"
#include "mirrorlist_server/served_data.h"
#include "mirrorlist_server/server_socket.h"
#include "mirrorlist_server/settings.h"

namespace mirrorway::mirrorlist_server {

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
  void start_upgrade();
  void hand_over();
  void stop_children();

  const Settings& settings_;
  SharedMetrics metrics_;
  daemon::Launch launch_;
  base::Fd signals_;
  ServerSocket socket_;
  Sandbox sandbox_;
  ServedData data_;
  base::Fd unserved_;  // accepted, but there was no process for it
  Children children_;
  MemoryWatch memory_watch_{metrics_};
  daemon::Upgrade upgrade_;
  daemon::Watchdog watchdog_;
  bool is_replaced_ = false;
  bool is_stopping_ = false;
  bool was_full_ = false;
  bool is_short_of_resources_ = false;
  base::MessageLimit full_messages_{std::chrono::minutes(1)};
  base::MessageLimit shortage_messages_{std::chrono::minutes(1)};
};

}  // namespace mirrorway::mirrorlist_server
