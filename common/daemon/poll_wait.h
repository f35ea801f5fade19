// How long a loop may wait: until the first of several things is due.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace mirrorway::daemon {

class PollWait {
 public:
  // nullopt: that is never due.
  void limit(std::optional<std::chrono::milliseconds> left) {
    if (left) wait_ = std::min(wait_.value_or(*left), *left);
  }
  // As poll(2) has it; -1: for ever.
  int milliseconds() const { return wait_ ? static_cast<int>(wait_->count()) : -1; }

 private:
  std::optional<std::chrono::milliseconds> wait_;
};

}  // namespace mirrorway::daemon
