// How cache_builder ends beside success (0), failure (1) and wrong usage (2), so that cron jobs and
// people can tell what happened without reading.
#pragma once

#include "common/base/error.h"

namespace mirrorway::cache_builder {

inline constexpr int kExitRefused = 3;  // by a guard: the snapshot lost too much, or a probe failed
inline constexpr int kExitLocked = 4;   // somebody else is publishing
inline constexpr int kExitHeld = 5;     // somebody has put publishing on hold
inline constexpr int kExitDiffers = 6;  // of diff

// Ends the program with one of these; the message is the one line that says why.
class Stopped : public base::StatusError {
 public:
  using StatusError::StatusError;
};

}  // namespace mirrorway::cache_builder
