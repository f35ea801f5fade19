// Paths of directories and files below a category's top directory: segments joined by single
// slashes, none at either end; "" is the root.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/parsed.h"

namespace mirrorway::net {

inline constexpr std::size_t kMaxPathBytes = 4096;

// Takes leading, trailing and doubled slashes away. Refuses segments "." and "..", control
// characters, text that is no UTF-8 and more than kMaxPathBytes.
base::Parsed<std::string> parse_path(std::string_view text);

// Whether parse_path would return the very same text.
bool is_path(std::string_view text);

// True when `path` is `top` or lies below it; every path lies below "".
bool is_at_or_below(std::string_view path, std::string_view top);

}  // namespace mirrorway::net
