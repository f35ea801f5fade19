#include "common/daemon/watchdog.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>

#include "common/base/text.h"
#include "common/daemon/readiness.h"

namespace mirrorway::daemon {
namespace {

// A manager that waits for days is told more often.
constexpr std::chrono::microseconds kLongestInterval = std::chrono::minutes(5);

std::chrono::microseconds watched_time() {
  // NOLINTBEGIN(concurrency-mt-unsafe): read once, before there are threads
  const char* const time = std::getenv("WATCHDOG_USEC");
  const char* const pid = std::getenv("WATCHDOG_PID");
  // NOLINTEND(concurrency-mt-unsafe)
  if (time == nullptr) return {};
  if (pid != nullptr && pid != std::to_string(::getpid())) return {};
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const auto number = base::parse_number(time, kMost);
  return std::chrono::microseconds(static_cast<std::int64_t>(number.value_or(0)));
}

}  // namespace

Watchdog::Watchdog()
    : interval_(std::min(watched_time() / 2, kLongestInterval)), next_(Clock::now() + interval_) {}

std::optional<std::chrono::milliseconds> Watchdog::time_left() const {
  if (interval_.count() == 0) return std::nullopt;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_ - Clock::now());
  return std::max(left, std::chrono::milliseconds(0));
}

void Watchdog::tell_when_due() {
  if (const auto left = time_left(); !left || left->count() > 0) return;
  notify_manager("WATCHDOG=1");
  next_ = Clock::now() + interval_;
}

}  // namespace mirrorway::daemon
