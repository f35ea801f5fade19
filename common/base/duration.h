// Durations as people write them in the configuration: "24h", "500ms".
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "common/base/parsed.h"

namespace mirrorway::base {

// A whole number and one of ms, s, m, h, d; between 0 and 10 years.
Parsed<std::chrono::milliseconds> parse_duration(std::string_view text);

// In the largest unit that gives a whole number; parse_duration reads it back.
std::string format_duration(std::chrono::milliseconds duration);

}  // namespace mirrorway::base
