#include "common/net/asn_prefix.h"

#include <algorithm>

#include "common/base/text.h"

namespace mirrorway::net {

base::Parsed<AsnPrefix> AsnPrefix::parse(std::string_view line) {
  const std::size_t blank = std::min(line.find_first_of(" \t"), line.size());
  const auto prefix = Prefix::parse(line.substr(0, blank));
  if (!prefix) return prefix.refusal();
  const auto asn = base::parse_number(base::trim(line.substr(blank)), UINT32_MAX);
  if (!asn)
    return base::refuse("\"{}\" has no AS number after its netblock", base::printable(line, 60));
  return AsnPrefix{*prefix, static_cast<std::uint32_t>(*asn)};
}

std::string AsnPrefix::text() const {
  return fmt::format("{} {}", prefix.text(), asn);
}

}  // namespace mirrorway::net
