#include "mirrorlist_server/parent.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "common/base/error.h"
#include "common/base/log.h"
#include "common/daemon/poll_wait.h"
#include "common/daemon/privileges.h"
#include "common/daemon/readiness.h"
#include "common/daemon/signals.h"
#include "mirrorlist_server/child.h"

namespace mirrorway::mirrorlist_server {
namespace {

using base::log;
using base::LogLevel;

// How long children may take over their last answers when the server stops.
constexpr auto kStopGrace = std::chrono::seconds(10);
// How long to leave connections waiting when the system is short of processes or descriptors.
constexpr std::chrono::milliseconds kShortageWait{100};

base::Fd receive_signals() {
  return daemon::receive_signals(
      daemon::make_signal_set({SIGCHLD, SIGHUP, SIGTERM, SIGINT, SIGUSR2}));
}

// As root, which can make the socket anywhere; then never again.
ServerSocket listen_and_drop_privileges(const Settings& settings, daemon::Launch& launch) {
  const auto identity = daemon::find_identity(settings.user, settings.group);
  ServerSocket socket(settings, identity, launch);
  if (identity) daemon::drop_privileges(*identity);
  return socket;
}

}  // namespace

Parent::Parent(const Settings& settings, daemon::Launch launch)
    : settings_(settings),
      launch_(std::move(launch)),
      signals_(receive_signals()),
      socket_(listen_and_drop_privileges(settings, launch_)),
      sandbox_(sandbox_kind(settings)),
      data_(settings, metrics_) {
  if (sandbox_kind(settings) == SandboxKind::kNone)
    log(LogLevel::kWarning, "children run without a sandbox");
}

void Parent::run() {
  socket_.take_over();
  launch_.announce_ready();
  log(LogLevel::kInfo, "ready", "socket={}", base::quoted(socket_.path()));
  while (!is_stopping_) {
    const bool has_room = note_room() && !is_short_of_resources_;
    std::array<pollfd, 4> polled{{{signals_.get(), POLLIN, 0},
                                  {has_room ? socket_.fd().get() : -1, POLLIN, 0},
                                  {data_.fd(), POLLIN, 0},
                                  {upgrade_.fd(), POLLIN, 0}}};
    const int ready = ::poll(polled.data(), polled.size(), wait_ms());
    if (ready < 0 && errno != EINTR) throw base::IoError(errno, "waiting for connections");
    is_short_of_resources_ = false;
    watchdog_.tell_when_due();
    if (polled[0].revents != 0) handle_signals();
    if (data_.take_reload()) children_.retire();
    if (unserved_) start_child(std::move(unserved_));
    if (polled[1].revents != 0) accept_connection();
    if (upgrade_.is_done()) hand_over();
    children_.kill_overdue();
    if (memory_watch_.is_due()) memory_watch_.measure(children_.pids());
  }
  stop_children();
}

int Parent::wait_ms() const {
  daemon::PollWait wait;
  wait.limit(children_.time_to_overdue());
  if (is_short_of_resources_) wait.limit(kShortageWait);
  wait.limit(upgrade_.time_left());
  wait.limit(watchdog_.time_left());
  wait.limit(data_.time_left());
  wait.limit(MemoryWatch::kInterval);
  return wait.milliseconds();
}

// Whether another child may start. When that ends it is counted, and said once a minute.
bool Parent::note_room() {
  const bool is_full = children_.size() >= settings_.max_children;
  if (is_full && !was_full_) {
    count(Counter::kFull);
    if (full_messages_.take_turn())
      log(LogLevel::kWarning, "all children busy, connections wait", "max_children={}",
          settings_.max_children);
  }
  was_full_ = is_full;
  return !is_full;
}

void Parent::handle_signals() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    switch (info.ssi_signo) {
      case SIGCHLD:
        children_.reap();
        memory_watch_.reap();
        data_.end_reload();
        break;
      case SIGHUP:
        data_.start_reload();
        upgrade_.pass_on(SIGHUP);  // a successor may have read the old file already
        break;
      case SIGUSR2:
        start_upgrade();
        break;
      default:
        log(LogLevel::kInfo, "stopping", "signal={}", info.ssi_signo);
        is_stopping_ = true;
    }
  }
}

void Parent::accept_connection() {
  base::Fd connection(::accept4(socket_.fd().get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (connection) {
    start_child(std::move(connection));
  } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
    is_short_of_resources_ = true;
    count(Counter::kAcceptsFailed);
    say_short("accept failed", errno);
  }
}

void Parent::say_short(std::string_view event, int error) {
  if (!shortage_messages_.take_turn()) return;
  log(LogLevel::kError, event, "children={} error={}", children_.size(),
      base::quoted(base::IoError(error, "connections wait").what()));
}

void Parent::start_child(base::Fd connection) {
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) run_child(std::move(connection), parent);
  if (pid < 0) {
    // What the front end asks waits in the connection; it would only have to ask again otherwise.
    unserved_ = std::move(connection);
    is_short_of_resources_ = true;
    count(Counter::kForksFailed);
    say_short("fork failed", errno);
    return;
  }
  children_.add(pid);
}

void Parent::run_child(base::Fd connection, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  const bool is_orphan = ::getppid() != parent;  // it died before the line above
  metrics_.enter_child();
  // The parent alone obeys these; SIGTERM and SIGINT are serve's.
  for (const int signal : {SIGHUP, SIGUSR2}) (void)std::signal(signal, SIG_IGN);
  if (is_orphan) ::_exit(static_cast<int>(ChildExit::kRetired));
  ChildExit exit = ChildExit::kNoSandbox;
  try {
    connection = isolate_descriptors(std::move(connection));
    const Service service{data_.image(),
                          data_.geo(),
                          settings_.policy.policy,
                          settings_.idle_timeout,
                          settings_.answer_timeout,
                          sandbox_,
                          {metrics_, data_.digest()}};
    exit = serve(service, connection);
  } catch (const base::IoError&) {
  }
  ::_exit(static_cast<int>(exit));
}

void Parent::start_upgrade() {
  const std::array<daemon::HandedSocket, 1> sockets{socket_.handed()};
  upgrade_.start(launch_.words, sockets);
}

void Parent::hand_over() {
  socket_.hand_over();
  is_replaced_ = true;
  is_stopping_ = true;
}

void Parent::stop_children() {
  if (!is_replaced_) daemon::notify_manager("STOPPING=1");
  socket_.close();
  unserved_.reset();
  data_.stop_loading();
  children_.retire();
  const auto deadline = std::chrono::steady_clock::now() + kStopGrace;
  while (!children_.empty() && std::chrono::steady_clock::now() < deadline) {
    pollfd polled{signals_.get(), POLLIN, 0};
    ::poll(&polled, 1, static_cast<int>(kShortageWait.count()));
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) == sizeof info)
      if (info.ssi_signo == SIGHUP) upgrade_.pass_on(SIGHUP);
    children_.reap();
  }
  children_.kill_all();
  log(LogLevel::kInfo, "stopped", "killed_children={}", children_.size());
}

}  // namespace mirrorway::mirrorlist_server
