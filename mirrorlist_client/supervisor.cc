#include "mirrorlist_client/supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "common/base/error.h"
#include "common/base/log.h"
#include "common/daemon/poll_wait.h"
#include "common/daemon/privileges.h"
#include "common/daemon/readiness.h"
#include "common/daemon/signals.h"
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

base::Fd receive_signals() {
  return daemon::receive_signals(
      daemon::make_signal_set({SIGCHLD, SIGTERM, SIGINT, SIGUSR1, SIGUSR2}));
}

std::string describe(int status) {
  if (WIFSIGNALED(status)) return fmt::format("signal={}", WTERMSIG(status));
  return fmt::format("status={}", WEXITSTATUS(status));
}

}  // namespace

Supervisor::Supervisor(const Settings& settings, daemon::Launch launch)
    : settings_(settings),
      metrics_(settings.workers + 2),
      limit_(make_request_limit(settings)),
      launch_(std::move(launch)),
      signals_(receive_signals()),
      sockets_(settings, launch_),
      workers_(settings.workers) {
  if (exporter_settings(settings_)) workers_.emplace_back().is_exporter = true;
  if (const auto identity = daemon::find_identity(settings.user, settings.group))
    daemon::drop_privileges(*identity);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
    throw base::IoError(errno, "creating a pipe");
  ready_ = base::Fd(ends[0]);
  tell_ready_ = base::Fd(ends[1]);
}

void Supervisor::run() {
  start_due_workers();
  while (!is_stopping_) {
    std::array<pollfd, 3> polled{
        {{signals_.get(), POLLIN, 0}, {ready_.get(), POLLIN, 0}, {upgrade_.fd(), POLLIN, 0}}};
    if (::poll(polled.data(), polled.size(), wait_ms()) < 0 && errno != EINTR)
      throw base::IoError(errno, "waiting for signals");
    if (has_announced_) watchdog_.tell_when_due();  // before, its predecessor is who serves
    handle_signals();
    note_ready_workers();
    if (upgrade_.is_done()) is_stopping_ = is_replaced_ = true;
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

// Until there is something to do but signals; -1: nothing.
int Supervisor::wait_ms() const {
  daemon::PollWait wait;
  wait.limit(upgrade_.time_left());
  if (has_announced_) wait.limit(watchdog_.time_left());
  for (const Worker& worker : workers_) {
    if (worker.pid >= 0) continue;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(worker.next_start - Clock::now());
    wait.limit(std::max(left, std::chrono::milliseconds(0)));
  }
  return wait.milliseconds();
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

void Supervisor::run_worker(const Worker& worker, pid_t parent) {
  // Without its parent nobody would stop it.
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(base::kExitFailure);
  const std::size_t place = place_of(worker);
  const bool is_exporter = worker.is_exporter;
  workers_.clear();
  signals_.reset();
  ready_.reset();
  ::_exit(is_exporter ? run_exporter(place) : run_front_end(place));
}

int Supervisor::run_front_end(std::size_t place) {
  metrics_.take_place(place);
  FrontEnd::Settings settings = front_end_settings(settings_);
  settings.limit = limit_.get();
  return serve(std::move(settings), sockets_.take(place), std::move(tell_ready_));
}

int Supervisor::run_exporter(std::size_t place) {
  metrics_.take_place_silently(place);
  sockets_.close();
  tell_ready_.reset();
  // Sent to all processes of a group, or to all children.
  for (const int signal : {SIGHUP, SIGUSR1, SIGUSR2}) (void)std::signal(signal, SIG_IGN);
  return export_metrics(*exporter_settings(settings_), metrics_);
}

void Supervisor::handle_signals() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == SIGCHLD) {
      reap();
    } else if (info.ssi_signo == SIGUSR1) {
      signal_workers(SIGUSR1);
    } else if (info.ssi_signo == SIGUSR2) {
      start_upgrade();
    } else {
      log(LogLevel::kInfo, "stopping", "signal={}", info.ssi_signo);
      is_stopping_ = true;
    }
  }
}

// Serving begins when all workers have started, whose settings or files may yet turn out bad.
void Supervisor::note_ready_workers() {
  pid_t pid = 0;
  while (::read(ready_.get(), &pid, sizeof pid) == sizeof pid)
    for (Worker& worker : workers_) worker.is_ready |= worker.pid == pid;
  const bool is_all_ready = std::all_of(workers_.begin(), workers_.end(), [](const Worker& worker) {
    return worker.is_ready || worker.is_exporter;
  });
  if (!is_all_ready || std::exchange(has_announced_, true)) return;
  launch_.announce_ready();
  log(LogLevel::kInfo, "ready", "listen={} workers={}", sockets_.addresses(), settings_.workers);
}

void Supervisor::start_upgrade() {
  const auto sockets = sockets_.handed();
  upgrade_.start(launch_.words, sockets);
}

void Supervisor::reap() {
  int status = 0;
  // Not any child: the successor is one, too, and has its own way of being looked after.
  for (Worker& worker : workers_) {
    const pid_t pid = worker.pid;
    if (pid < 0 || ::waitpid(pid, &status, WNOHANG) != pid) continue;
    worker.pid = -1;
    worker.is_ready = false;
    metrics_.leave_place(place_of(worker));
    count_running();
    if (is_stopping_) continue;
    if (!worker.is_exporter) count(Counter::kWorkersFailed);
    const auto now = Clock::now();
    const bool is_short = now - worker.started < kShortLife;
    worker.pause = is_short ? std::clamp(2 * worker.pause, kFirstPause, kLongestPause)
                            : std::chrono::milliseconds(0);
    worker.next_start = now + worker.pause;
    log(LogLevel::kError, worker.is_exporter ? "metrics process ended" : "worker ended",
        "pid={} {} restart_in={}ms", pid, describe(status), worker.pause.count());
  }
}

void Supervisor::stop_workers() {
  // The workers have the sockets too: the last connections are taken, then nobody listens.
  sockets_.close();
  if (!is_replaced_) daemon::notify_manager("STOPPING=1");
  // Clients of one who is replaced find another: theirs may end when it suits them.
  for (const Worker& worker : workers_)
    if (worker.pid >= 0)
      ::kill(worker.pid, is_replaced_ && !worker.is_exporter ? SIGUSR2 : SIGTERM);
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
