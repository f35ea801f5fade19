#include "cache_builder/mirrormanager/text_files.h"

#include <algorithm>
#include <optional>

#include "cache_builder/mirrormanager/remarks.h"
#include "common/base/remarks.h"
#include "common/base/text.h"
#include "common/net/loose_netblock.h"

namespace mirrorway::cache_builder {
namespace {

// Calls `visit` with every line that is not blank and no comment, without white space at its ends.
template <typename Visit>
void for_each_line(std::string_view text, const Visit& visit) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = base::trim(text.substr(0, end));
    if (!line.empty() && line.front() != '#') visit(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::optional<snapshot::AsnPrefix> parse_asn_line(std::string_view line, base::Remarks& remarks) {
  const std::size_t blank = std::min(line.find_first_of(" \t"), line.size());
  const auto netblock = net::parse_loose_netblock(line.substr(0, blank));
  const auto asn = base::parse_number(base::trim(line.substr(blank)), UINT32_MAX);
  if (!netblock || !asn || *asn == 0 || netblock->prefix.length() == 0) return std::nullopt;
  const bool is_ipv6 = netblock->prefix.address().family() == net::Family::kIpv6;
  if (is_ipv6 && netblock->prefix.length() > snapshot::kMaxAsnIpv6Length) return std::nullopt;
  if (netblock->was_masked)
    remarks.add(remark::kMaskedNetblock, "{} is {}", base::printable(line, 60),
                netblock->prefix.text());
  return snapshot::AsnPrefix{netblock->prefix, static_cast<std::uint32_t>(*asn)};
}

}  // namespace

std::vector<snapshot::AsnPrefix> parse_global_netblocks(std::string_view text,
                                                        base::Remarks& remarks) {
  std::vector<snapshot::AsnPrefix> asns;
  for_each_line(text, [&](std::string_view line) {
    if (const auto row = parse_asn_line(line, remarks))
      asns.push_back(*row);
    else
      remarks.add(remark::kAsnLine, "\"{}\"", base::printable(line, 60));
  });
  return asns;
}

std::string format_global_netblocks(const std::vector<snapshot::AsnPrefix>& asns) {
  std::string text;
  for (const snapshot::AsnPrefix& row : asns)
    text += fmt::format("{} {}\n", row.prefix.text(), row.asn);
  return text;
}

Continents parse_country_continents(std::string_view text, base::Remarks& remarks) {
  Continents continents;
  for_each_line(text, [&](std::string_view line) {
    const std::size_t comma = std::min(line.find(','), line.size());
    const std::string_view place = base::trim(line.substr(std::min(comma + 1, line.size())));
    const auto country = net::CountryCode::parse(base::trim(line.substr(0, comma)));
    const auto continent = net::find_continent(base::upper_ascii(place));
    const bool is_head = continents.empty() && base::equal_ignoring_case(place, "continent");
    if (country && continent)
      continents.insert_or_assign(*country, *continent);
    else if (place != "--" && !is_head)
      remarks.add(remark::kCountryLine, "\"{}\"", base::printable(line, 60));
  });
  if (continents.empty())
    throw base::Error("no line says which country is in which continent, as DE,EU does");
  return continents;
}

}  // namespace mirrorway::cache_builder
