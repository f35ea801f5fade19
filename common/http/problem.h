// Why a request is not answered with mirrors.
#pragma once

#include <cstddef>
#include <string>

namespace mirrorway::http {

// Longer ones are answered with 414.
inline constexpr std::size_t kMaxTargetBytes = 8 << 10U;

struct Problem {
  unsigned status;   // 4xx or 5xx
  std::string text;  // one line, no LF; what the client sent is escaped
};

}  // namespace mirrorway::http
