// The parent of the workers: binds, forks, restarts, stops. Handles no client bytes.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "common/base/fd.h"
#include "mirrorlist_client/event_loop.h"
#include "mirrorlist_client/metrics.h"
#include "mirrorlist_client/settings.h"

namespace mirrorway::mirrorlist_client {

class Supervisor {
 public:
  // Listens. Throws base::Error when an address cannot be had.
  explicit Supervisor(const Settings& settings);

  // Until SIGTERM or SIGINT; returns when all workers have ended. Throws base::IoError. In a worker
  // it does not return.
  void run();

 private:
  struct Worker {
    // Kept here too, so that what connects while a worker is being restarted waits instead of
    // failing.
    std::vector<base::Fd> sockets;
    bool is_exporter = false;  // serves no clients, but /metrics
    pid_t pid = -1;            // -1: not running
    Clock::time_point started;
    Clock::time_point next_start;
    std::chrono::milliseconds pause{0};
  };

  std::size_t place_of(const Worker& worker) const;
  void count_running() const;
  void start_worker(Worker& worker);
  [[noreturn]] void run_worker(Worker& worker, pid_t parent);
  [[noreturn]] void run_exporter(const Worker& worker);
  void start_due_workers();
  int wait_ms() const;
  void handle_signals();
  void reap();
  void stop_workers();
  bool is_any_running() const;
  void signal_workers(int signal) const;

  const Settings& settings_;
  SharedMetrics metrics_;                // a place for each worker, and one for this process
  std::unique_ptr<RequestLimit> limit_;  // of all workers together; null: none
  base::Fd signals_;
  std::vector<Worker> workers_;
  std::string addresses_;  // for the log
  bool is_stopping_ = false;
};

}  // namespace mirrorway::mirrorlist_client
