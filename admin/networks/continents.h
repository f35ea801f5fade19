// Which country is in which continent, from a text file: outside bytes. The form:
// proto/NETWORKS.md.
#pragma once

#include <cstddef>
#include <map>
#include <string_view>

#include "common/base/parsed.h"
#include "common/net/country.h"

namespace mirrorway::admin {

inline constexpr std::size_t kMaxContinentsFileBytes = 1 << 20;

// The reason for refusing a text begins with the number of its line.
base::Parsed<std::map<net::CountryCode, net::Continent>> parse_continents(std::string_view text);

}  // namespace mirrorway::admin
