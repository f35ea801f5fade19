#include "mirrorlist_client/supervisor.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "common/base/error.h"
#include "common/base/log.h"
#include "mirrorlist_client/worker.h"

namespace mirrorway::mirrorlist_client {
namespace {

using base::log;
using base::LogLevel;

// A worker that ends sooner is started again with growing pauses.
constexpr std::chrono::seconds kShortLife{5};
constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kLongestPause{5'000};
// More than a worker gives itself.
constexpr std::chrono::seconds kStopGrace{15};

sigset_t handled_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGUSR1}) ::sigaddset(&signals, signal);
  return signals;
}

// Blocked, and read from a descriptor instead: nothing is interrupted, nothing runs in a handler.
base::Fd receive_signals() {
  const sigset_t signals = handled_signals();
  if (::sigprocmask(SIG_BLOCK, &signals, nullptr) != 0)
    throw base::IoError(errno, "blocking signals");
  base::Fd fd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) throw base::IoError(errno, "receiving signals");
  return fd;
}

std::string describe(int status) {
  if (WIFSIGNALED(status)) return fmt::format("signal={}", WTERMSIG(status));
  return fmt::format("status={}", WEXITSTATUS(status));
}

}  // namespace

Supervisor::Supervisor(const Settings& settings)
    : settings_(settings),
      metrics_(settings.workers + 2),
      limit_(make_request_limit(settings)),
      signals_(receive_signals()),
      workers_(settings.workers) {
  for (ListenAddress address : listen_addresses(settings_)) {
    check_free(address);
    for (Worker& worker : workers_) {
      worker.sockets.push_back(listen_shared(address));
      address = bound_address(worker.sockets.back(), address);
    }
    addresses_ += (addresses_.empty() ? "" : ",") + address.text();
  }
  if (exporter_settings(settings_)) workers_.emplace_back().is_exporter = true;
}

void Supervisor::run() {
  start_due_workers();
  log(LogLevel::kInfo, "ready", "listen={} workers={}", addresses_, settings_.workers);
  while (!is_stopping_) {
    pollfd polled{signals_.get(), POLLIN, 0};
    if (::poll(&polled, 1, wait_ms()) < 0 && errno != EINTR)
      throw base::IoError(errno, "waiting for signals");
    handle_signals();
    if (!is_stopping_) start_due_workers();
  }
  stop_workers();
}

std::size_t Supervisor::place_of(const Worker& worker) const {
  return static_cast<std::size_t>(&worker - workers_.data());
}

void Supervisor::count_running() const {
  const auto running = std::count_if(workers_.begin(), workers_.end(), [](const Worker& worker) {
    return !worker.is_exporter && worker.pid >= 0;
  });
  own_metrics().counters.set(Counter::kWorkersRunning, static_cast<std::uint64_t>(running));
}

void Supervisor::start_due_workers() {
  const auto now = Clock::now();
  for (Worker& worker : workers_)
    if (worker.pid < 0 && worker.next_start <= now) start_worker(worker);
}

// Until the next start that is due; -1: none is.
int Supervisor::wait_ms() const {
  std::chrono::milliseconds wait{-1};
  for (const Worker& worker : workers_) {
    if (worker.pid >= 0) continue;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(worker.next_start - Clock::now());
    const auto due = std::max(left, std::chrono::milliseconds(0));
    wait = wait.count() < 0 ? due : std::min(wait, due);
  }
  return static_cast<int>(wait.count());
}

void Supervisor::start_worker(Worker& worker) {
  const pid_t parent = ::getpid();
  worker.started = Clock::now();
  const pid_t pid = ::fork();
  if (pid == 0) run_worker(worker, parent);
  if (pid < 0) {
    log(LogLevel::kError, "cannot start a worker", "error={}",
        base::quoted(base::IoError(errno, "fork").what()));
    worker.next_start = worker.started + kLongestPause;
    return;
  }
  worker.pid = pid;
  if (!worker.is_exporter) count(Counter::kWorkersStarted);
  count_running();
}

void Supervisor::run_worker(Worker& worker, pid_t parent) {
  // Without its parent nobody would stop it.
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(base::kExitFailure);
  if (worker.is_exporter) run_exporter(worker);
  metrics_.take_place(place_of(worker));
  std::vector<base::Fd> sockets = std::move(worker.sockets);
  workers_.clear();
  signals_.reset();
  const sigset_t signals = handled_signals();
  ::sigprocmask(SIG_UNBLOCK, &signals, nullptr);
  FrontEnd::Settings settings = front_end_settings(settings_);
  settings.limit = limit_.get();
  ::_exit(serve(std::move(settings), std::move(sockets)));
}

void Supervisor::run_exporter(const Worker& worker) {
  metrics_.take_place_silently(place_of(worker));
  workers_.clear();
  signals_.reset();
  // Sent to all processes of a group, or to all children.
  for (const int signal : {SIGHUP, SIGUSR1, SIGUSR2}) (void)std::signal(signal, SIG_IGN);
  const sigset_t signals = handled_signals();
  ::sigprocmask(SIG_UNBLOCK, &signals, nullptr);
  ::_exit(export_metrics(*exporter_settings(settings_), metrics_));
}

void Supervisor::handle_signals() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == SIGCHLD) {
      reap();
    } else if (info.ssi_signo == SIGUSR1) {
      signal_workers(SIGUSR1);
    } else {
      log(LogLevel::kInfo, "stopping", "signal={}", info.ssi_signo);
      is_stopping_ = true;
    }
  }
}

void Supervisor::reap() {
  int status = 0;
  for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    const auto worker = std::find_if(workers_.begin(), workers_.end(),
                                     [pid](const Worker& w) { return w.pid == pid; });
    if (worker == workers_.end()) continue;
    worker->pid = -1;
    metrics_.leave_place(place_of(*worker));
    count_running();
    if (is_stopping_) continue;
    if (!worker->is_exporter) count(Counter::kWorkersFailed);
    const auto now = Clock::now();
    const bool is_short = now - worker->started < kShortLife;
    worker->pause = is_short ? std::clamp(2 * worker->pause, kFirstPause, kLongestPause)
                             : std::chrono::milliseconds(0);
    worker->next_start = now + worker->pause;
    log(LogLevel::kError, worker->is_exporter ? "metrics process ended" : "worker ended",
        "pid={} {} restart_in={}ms", pid, describe(status), worker->pause.count());
  }
}

void Supervisor::stop_workers() {
  // The workers have the sockets too: the last connections are taken, then nobody listens.
  for (Worker& worker : workers_) worker.sockets.clear();
  signal_workers(SIGTERM);
  const auto deadline = Clock::now() + kStopGrace;
  while (is_any_running()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd polled{signals_.get(), POLLIN, 0};
    const int ready = ::poll(&polled, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
    if (ready == 0) signal_workers(SIGKILL);
    handle_signals();
    reap();
  }
}

bool Supervisor::is_any_running() const {
  return std::any_of(workers_.begin(), workers_.end(),
                     [](const Worker& worker) { return worker.pid >= 0; });
}

void Supervisor::signal_workers(int signal) const {
  for (const Worker& worker : workers_)
    if (worker.pid >= 0) ::kill(worker.pid, signal);
}

}  // namespace mirrorway::mirrorlist_client
