#include "common/daemon/upgrade.h"

#include <csignal>

#include "common/base/error.h"
#include "common/base/log.h"
#include "common/daemon/readiness.h"

namespace mirrorway::daemon {
namespace {

using base::log;
using base::LogLevel;

void log_failure(std::string_view reason) {
  log(LogLevel::kError, "upgrade failed, this process goes on", "error={}", base::quoted(reason));
}

}  // namespace

void Upgrade::start(const std::vector<std::string>& words, std::span<const HandedSocket> sockets) {
  if (successor_) return;
  try {
    successor_.emplace(words, sockets);
    log(LogLevel::kInfo, "upgrade started", "pid={}", successor_->pid());
  } catch (const base::Error& error) {
    log_failure(error.what());
  }
}

std::optional<std::chrono::milliseconds> Upgrade::time_left() const {
  if (!successor_) return std::nullopt;
  return successor_->time_left();
}

bool Upgrade::is_done() {
  if (!successor_) return false;
  switch (successor_->state()) {
    case Successor::State::kStarting:
      return false;
    case Successor::State::kFailed:
      log_failure(successor_->failure());
      successor_.reset();
      return false;
    case Successor::State::kReady:
      log(LogLevel::kInfo, "upgraded, this process ends", "successor={}", successor_->pid());
      // The last word of this process: from now on the successor says that it lives.
      notify_manager(fmt::format("WATCHDOG=1\nMAINPID={}", successor_->pid()));
      return true;
  }
  return false;
}

void Upgrade::pass_on(int signal) const {
  if (successor_) ::kill(successor_->pid(), signal);
}

}  // namespace mirrorway::daemon
