#include "mirrorlist_server/parent.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "common/base/error.h"
#include "common/base/log.h"
#include "mirrorlist_server/child.h"

namespace mirrorway::mirrorlist_server {
namespace {

using base::log;
using base::LogLevel;

// How long children may take over their last answers when the server stops.
constexpr auto kStopGrace = std::chrono::seconds(10);
// How long to leave connections waiting when the system is short of processes or descriptors.
constexpr int kShortageWaitMs = 100;

sigset_t handled_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int signal : {SIGCHLD, SIGHUP, SIGTERM, SIGINT}) ::sigaddset(&signals, signal);
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

std::shared_ptr<const geo::GeoDatabase> load_geo(const Settings& settings) {
  const auto files = geoip_files(settings);
  return std::make_shared<const geo::GeoDatabase>(files.empty() ? geo::GeoDatabase()
                                                                : geo::GeoDatabase::load(files));
}

// Changes when one of the files is replaced or written to. A missing file counts as changed: to
// load it again gives the message.
std::vector<FileIdentity> identify(const std::vector<std::string>& files) {
  std::vector<FileIdentity> identities;
  for (const std::string& file : files) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) return {};
    identities.emplace_back(status.st_dev, status.st_ino, status.st_size, status.st_mtim.tv_sec,
                            status.st_mtim.tv_nsec);
  }
  return identities;
}

void log_loaded(const Settings& settings, const LoadedSnapshot& snapshot) {
  const snapshot::Image& image = snapshot.image->image();
  log(LogLevel::kInfo, "snapshot loaded",
      "path={} sha256={:.16} hosts={} directories={} repositories={} catalog_time={} memory={}",
      base::quoted(settings.snapshot), snapshot.digest, image.hosts().size(),
      image.directories().size(), image.repositories().size(), image.catalog_time(),
      snapshot.image->size());
}

// A retired child may be hit by the very signal before it has its handler.
bool is_retirement(int status, bool was_retired) {
  return was_retired && WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM;
}

void log_end_of_child(pid_t pid, int status, bool was_retired) {
  if (WIFSIGNALED(status)) {
    const bool is_expected = is_retirement(status, was_retired);
    log(is_expected ? LogLevel::kDebug : LogLevel::kWarning, "child killed", "pid={} signal={}",
        pid, WTERMSIG(status));
    return;
  }
  const auto exit = static_cast<ChildExit>(WEXITSTATUS(status));
  const bool is_usual =
      exit == ChildExit::kPeerClosed || exit == ChildExit::kIdle || exit == ChildExit::kRetired;
  log(is_usual ? LogLevel::kDebug : LogLevel::kWarning, "child ended", "pid={} status={} reason={}",
      pid, WEXITSTATUS(status), base::quoted(describe(exit)));
}

Counter end_counter(int status, bool was_retired) {
  if (is_retirement(status, was_retired)) return Counter::kEndedRetired;
  if (WIFSIGNALED(status))
    return WTERMSIG(status) == SIGSYS ? Counter::kEndedSeccomp : Counter::kEndedSignal;
  switch (static_cast<ChildExit>(WEXITSTATUS(status))) {
    case ChildExit::kPeerClosed:
      return Counter::kEndedPeerClosed;
    case ChildExit::kIdle:
      return Counter::kEndedIdle;
    case ChildExit::kRetired:
      return Counter::kEndedRetired;
    case ChildExit::kBadFrame:
      return Counter::kEndedBadFrame;
    case ChildExit::kStalled:
      return Counter::kEndedStalled;
    case ChildExit::kIo:
      return Counter::kEndedIo;
    case ChildExit::kBroken:
      return Counter::kEndedBroken;
  }
  return Counter::kEndedOther;
}

}  // namespace

Parent::Parent(const Settings& settings)
    : settings_(settings),
      signals_(receive_signals()),
      geo_files_(identify(geoip_files(settings))),
      geo_(load_geo(settings)),
      snapshot_(Loader(settings.snapshot).finish()),
      listener_(net::listen_unix(settings.socket)) {
  socket_path_.emplace(settings.socket);
  count(Counter::kSnapshotGeneration);
  log_loaded(settings_, snapshot_);
  log(LogLevel::kInfo, "ready", "socket={}", base::quoted(settings_.socket));
}

void Parent::run() {
  while (!is_stopping_) {
    const bool has_room = note_room() && !is_short_of_resources_;
    std::array<pollfd, 3> polled{{{signals_.get(), POLLIN, 0},
                                  {has_room ? listener_.get() : -1, POLLIN, 0},
                                  {loader_ ? loader_->fd() : -1, POLLIN, 0}}};
    const int timeout = is_short_of_resources_ ? kShortageWaitMs : -1;
    const int ready = ::poll(polled.data(), polled.size(), timeout);
    if (ready < 0 && errno != EINTR) throw base::IoError(errno, "waiting for connections");
    is_short_of_resources_ = false;
    if (polled[0].revents != 0) handle_signals();
    if (polled[2].revents != 0) finish_reload();
    if (polled[1].revents != 0) accept_connection();
  }
  stop_children();
}

// Whether another child may start; says so in the log when that changes.
bool Parent::note_room() {
  const bool is_full = children_.size() >= settings_.max_children;
  if (is_full && !was_full_) {
    count(Counter::kFull);
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
        reap_children();
        break;
      case SIGHUP:
        start_reload();
        break;
      default:
        log(LogLevel::kInfo, "stopping", "signal={}", info.ssi_signo);
        is_stopping_ = true;
    }
  }
}

void Parent::accept_connection() {
  base::Fd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (connection) {
    start_child(std::move(connection));
  } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
    is_short_of_resources_ = true;
    count(Counter::kAcceptsFailed);
    log(LogLevel::kError, "accept failed", "error={}",
        base::quoted(base::IoError(errno, "accept").what()));
  }
}

void Parent::start_child(base::Fd connection) {
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) run_child(std::move(connection), parent);
  if (pid < 0) {
    // The front end sees its connection close and tries again.
    is_short_of_resources_ = true;
    count(Counter::kForksFailed);
    log(LogLevel::kError, "fork failed", "error={}",
        base::quoted(base::IoError(errno, "fork").what()));
    return;
  }
  children_.emplace(pid, false);
  count(Counter::kForks);
  own_metrics().counters.set(Counter::kChildren, children_.size());
  log(LogLevel::kDebug, "child started", "pid={}", pid);
}

void Parent::run_child(base::Fd connection, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  const bool is_orphan = ::getppid() != parent;  // it died before the line above
  metrics_.enter_child();
  listener_.reset();
  signals_.reset();
  // The parent alone obeys these; SIGTERM and SIGINT are serve's.
  (void)std::signal(SIGHUP, SIG_IGN);
  if (is_orphan) ::_exit(static_cast<int>(ChildExit::kRetired));
  const Service service{snapshot_.image->image(), *geo_, settings_.policy.policy,
                        settings_.idle_timeout};
  ::_exit(static_cast<int>(serve(service, connection)));
}

void Parent::reap_children() {
  int status = 0;
  for (auto child = children_.begin(); child != children_.end();) {
    const auto [pid, was_retired] = *child;
    if (::waitpid(pid, &status, WNOHANG) == 0) {
      ++child;
      continue;
    }
    log_end_of_child(pid, status, was_retired);
    count(end_counter(status, was_retired));
    child = children_.erase(child);
  }
  own_metrics().counters.set(Counter::kChildren, children_.size());
}

void Parent::start_reload() {
  if (loader_) {
    wants_reload_ = true;
    return;
  }
  try {
    loader_.emplace(settings_.snapshot);
  } catch (const base::Error& error) {
    count(Counter::kReloadsFailed);
    log(LogLevel::kError, "reload failed", "error={}", base::quoted(error.what()));
  }
}

void Parent::finish_reload() {
  const bool has_new_snapshot = take_snapshot();
  const bool has_new_geo = take_geo();
  if (has_new_snapshot || has_new_geo) retire_children();
  if (std::exchange(wants_reload_, false)) start_reload();
}

bool Parent::take_snapshot() {
  bool is_good = false;
  try {
    snapshot_ = loader_->finish();
    log_loaded(settings_, snapshot_);
    is_good = true;
    count(Counter::kSnapshotGeneration);
    count(Counter::kReloadsDone);
  } catch (const base::Error& error) {
    count(Counter::kReloadsRefused);
    log(LogLevel::kError, "snapshot refused, the old one stays", "error={}",
        base::quoted(error.what()));
  }
  own_metrics().counters.set(Counter::kSnapshotIsRefused, is_good ? 0 : 1);
  loader_.reset();
  return is_good;
}

bool Parent::take_geo() {
  const auto files = geoip_files(settings_);
  const auto identities = identify(files);
  if (identities == geo_files_ && identities.size() == files.size()) return false;
  try {
    geo_ = load_geo(settings_);
    geo_files_ = identities;
    count(Counter::kGeoLoaded);
    own_metrics().counters.set(Counter::kGeoIsRefused, 0);
    log(LogLevel::kInfo, "geolocation loaded", "files={}", files.size());
    return true;
  } catch (const base::Error& error) {
    count(Counter::kGeoRefused);
    own_metrics().counters.set(Counter::kGeoIsRefused, 1);
    log(LogLevel::kError, "geolocation refused, the old one stays", "error={}",
        base::quoted(error.what()));
    return false;
  }
}

void Parent::retire_children() {
  for (auto& [pid, is_retired] : children_) {
    if (std::exchange(is_retired, true)) continue;
    ::kill(pid, SIGTERM);
  }
}

void Parent::stop_children() {
  listener_.reset();
  socket_path_.reset();
  loader_.reset();
  retire_children();
  const auto deadline = std::chrono::steady_clock::now() + kStopGrace;
  while (!children_.empty() && std::chrono::steady_clock::now() < deadline) {
    pollfd polled{signals_.get(), POLLIN, 0};
    ::poll(&polled, 1, kShortageWaitMs);
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    }
    reap_children();
  }
  for (const auto& [pid, is_retired] : children_) ::kill(pid, SIGKILL);
  log(LogLevel::kInfo, "stopped", "killed_children={}", children_.size());
}

}  // namespace mirrorway::mirrorlist_server
