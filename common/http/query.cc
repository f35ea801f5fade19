#include "common/http/query.h"

#include <algorithm>
#include <utility>

#include "common/base/text.h"
#include "common/net/url.h"

namespace mirrorway::http {
namespace {

base::Parsed<std::string> parse_value(std::string_view raw) {
  auto decoded = net::decode_percent(raw);
  if (!decoded) return decoded.refusal();
  if (!base::is_one_line(*decoded))
    return base::refuse("\"{}\" has control characters or is no UTF-8", base::printable(*decoded));
  return decoded;
}

}  // namespace

Query parse_query(std::string_view query, std::span<const std::string_view> known) {
  Query read{std::vector<std::optional<std::string>>(known.size()), std::nullopt};
  const auto refuse = [&](base::Refusal refusal) {
    if (!read.problem) read.problem = std::move(refusal);
  };
  for (const std::string_view parameter : base::split(query, '&')) {
    const std::size_t equals = std::min(parameter.find('='), parameter.size());
    const auto name = net::decode_percent(parameter.substr(0, equals));
    const auto found = name ? std::find(known.begin(), known.end(), *name) : known.end();
    if (found == known.end()) continue;
    auto& value = read.values[static_cast<std::size_t>(found - known.begin())];
    const std::size_t start = std::min(equals + 1, parameter.size());
    auto parsed = parse_value(parameter.substr(start));
    if (value)
      refuse(base::refuse("parameter {} is given twice", *found));
    else if (!parsed)
      refuse(base::refuse("parameter {}: {}", *found, parsed.reason()));
    else
      value = *std::move(parsed);
  }
  return read;
}

}  // namespace mirrorway::http
