// The parent of the workers: binds, forks, restarts, stops. Handles no client bytes.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/fd.h"
#include "common/daemon/launch.h"
#include "common/daemon/upgrade.h"
#include "common/daemon/watchdog.h"
#include "mirrorlist_client/event_loop.h"
#include "mirrorlist_client/http_sockets.h"
#include "mirrorlist_client/metrics.h"
#include "mirrorlist_client/settings.h"

namespace mirrorway::mirrorlist_client {

class Supervisor {
 public:
  // Listens and drops privileges. Throws base::Error when an address cannot be had.
  explicit Supervisor(const Settings& settings, daemon::Launch launch = {});

  // Until SIGTERM or SIGINT, or until its successor serves; returns when all workers have ended.
  // Throws base::IoError. In a worker it does not return.
  void run();

 private:
  struct Worker {
    bool is_exporter = false;  // serves no clients, but /metrics
    pid_t pid = -1;            // -1: not running
    bool is_ready = false;     // serves
    Clock::time_point started;
    Clock::time_point next_start;
    std::chrono::milliseconds pause{0};
  };

  std::size_t place_of(const Worker& worker) const;
  void count_running() const;
  void start_worker(Worker& worker);
  [[noreturn]] void run_worker(const Worker& worker, pid_t parent);
  int run_front_end(std::size_t place);
  int run_exporter(std::size_t place);
  void start_due_workers();
  int wait_ms() const;
  void handle_signals();
  void note_ready_workers();
  void start_upgrade();
  void reap();
  void stop_workers();
  bool is_any_running() const;
  void signal_workers(int signal) const;

  const Settings& settings_;
  SharedMetrics metrics_;                // a place for each worker, and one for this process
  std::unique_ptr<RequestLimit> limit_;  // of all workers together; null: none
  daemon::Launch launch_;
  base::Fd signals_;
  HttpSockets sockets_;
  base::Fd ready_;  // from here comes the number of each worker that has started
  base::Fd tell_ready_;
  bool has_announced_ = false;
  daemon::Upgrade upgrade_;
  daemon::Watchdog watchdog_;
  bool is_replaced_ = false;
  std::vector<Worker> workers_;
  bool is_stopping_ = false;
};

}  // namespace mirrorway::mirrorlist_client
