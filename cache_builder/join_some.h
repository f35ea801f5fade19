// Long lists in messages for people.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mirrorway::cache_builder {

// The first `most` with `separator` between them, then " and 12 more".
inline std::string join_some(const std::vector<std::string>& texts, std::size_t most,
                             std::string_view separator) {
  const auto shown = static_cast<std::ptrdiff_t>(std::min(most, texts.size()));
  std::string text = fmt::format("{}", fmt::join(texts.begin(), texts.begin() + shown, separator));
  if (texts.size() > most) text += fmt::format(" and {} more", texts.size() - most);
  return text;
}

}  // namespace mirrorway::cache_builder
