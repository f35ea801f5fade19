#include "common/http/alias.h"

#include <algorithm>

#include "common/base/text.h"

namespace mirrorway::http {
namespace {

bool is_placeholder(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

// Calls visit(literal text, name of the placeholder behind it or "") from left to right. Returns
// false when braces do not match.
template <typename Visit>
bool for_each_part(std::string_view value, const Visit& visit) {
  while (!value.empty()) {
    const std::size_t open = std::min(value.find_first_of("{}"), value.size());
    if (open == value.size()) {
      visit(value, std::string_view());
      return true;
    }
    const std::size_t close = value.find('}', open);
    if (value[open] == '}' || close == std::string_view::npos || close == open + 1) return false;
    visit(value.substr(0, open), value.substr(open + 1, close - open - 1));
    value.remove_prefix(close + 1);
  }
  return true;
}

std::vector<std::string_view> segments_of(std::string_view path) {
  return base::split(path.substr(1), '/');
}

}  // namespace

base::Parsed<Alias> Alias::parse(std::string_view text, std::span<const std::string_view> known) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || !text.starts_with('/'))
    return base::refuse(
        "\"{}\" is no alias: write /pattern/{{name}}=parameter={{name}}, for example "
        "/mirrorlist/{{version}}/{{repo}}=repo={{repo}}-{{version}}",
        base::printable(text));
  Alias alias;
  for (const std::string_view segment : segments_of(text.substr(0, equals))) {
    const bool has_brace = segment.find_first_of("{}") != std::string_view::npos;
    if (has_brace &&
        (!is_placeholder(segment) ||
         segment.substr(1, segment.size() - 2).find_first_of("{}") != std::string_view::npos))
      return base::refuse("\"{}\": {{name}} stands for one whole segment of the path",
                          base::printable(text));
    alias.pattern_.emplace_back(segment);
  }
  for (const std::string_view parameter : base::split(text.substr(equals + 1), '&')) {
    const std::size_t sign = std::min(parameter.find('='), parameter.size());
    const std::string_view name = parameter.substr(0, sign);
    const std::string_view value = parameter.substr(std::min(sign + 1, parameter.size()));
    if (std::find(known.begin(), known.end(), name) == known.end())
      return base::refuse("\"{}\": there is no parameter \"{}\"", base::printable(text),
                          base::printable(name));
    std::string stray;
    const bool is_balanced =
        for_each_part(value, [&](std::string_view, std::string_view placeholder) {
          const std::string wanted = '{' + std::string(placeholder) + '}';
          if (!placeholder.empty() && std::find(alias.pattern_.begin(), alias.pattern_.end(),
                                                wanted) == alias.pattern_.end())
            stray = wanted;
        });
    if (!is_balanced)
      return base::refuse("\"{}\": a brace too many or too few", base::printable(text));
    if (!stray.empty())
      return base::refuse("\"{}\": the path has no {}", base::printable(text),
                          base::printable(stray));
    alias.parameters_.push_back({std::string(name), std::string(value)});
  }
  return alias;
}

std::optional<std::vector<std::pair<std::string, std::string>>> Alias::match(
    std::string_view path) const {
  if (!path.starts_with('/')) return std::nullopt;
  const auto segments = segments_of(path);
  const auto fits = [](const std::string& pattern, std::string_view segment) {
    return is_placeholder(pattern) ? !segment.empty() : pattern == segment;
  };
  if (segments.size() != pattern_.size() ||
      !std::equal(pattern_.begin(), pattern_.end(), segments.begin(), fits))
    return std::nullopt;
  std::vector<std::pair<std::string, std::string>> result;
  for (const Parameter& parameter : parameters_) {
    std::string value;
    for_each_part(parameter.value, [&](std::string_view literal, std::string_view placeholder) {
      value += literal;
      const auto at =
          std::find(pattern_.begin(), pattern_.end(), '{' + std::string(placeholder) + '}');
      if (at != pattern_.end()) value += segments[static_cast<std::size_t>(at - pattern_.begin())];
    });
    result.emplace_back(parameter.name, std::move(value));
  }
  return result;
}

}  // namespace mirrorway::http
