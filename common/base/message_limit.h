// Keeps a message about what happens again and again from filling the log.
#pragma once

#include <chrono>

namespace mirrorway::base {

class MessageLimit {
 public:
  using Clock = std::chrono::steady_clock;

  // One message in `interval`; the first at once.
  constexpr explicit MessageLimit(Clock::duration interval) : interval_(interval) {}

  // Whether a message may go now. If so it counts as sent.
  bool take_turn(Clock::time_point now = Clock::now()) {
    if (now < next_) return false;
    next_ = now + interval_;
    return true;
  }

 private:
  Clock::duration interval_;
  Clock::time_point next_ = Clock::time_point::min();
};

}  // namespace mirrorway::base
