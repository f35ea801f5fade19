// Values as they stand after "key=" on the command line. All throw base::UsageError with a reason
// that quotes the value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/catalog/records.h"
#include "common/net/address.h"
#include "common/net/country.h"

namespace mirrorway::admin {

bool flag_value(std::string_view text);  // yes, no, true, false
std::uint32_t number_value(std::string_view text, std::uint32_t least, std::uint32_t most);
std::int64_t count_value(std::string_view text);  // from 0
// Digits of that many bytes, or ""; in lower case.
std::string digest_value(std::string_view text, std::size_t bytes);
double degrees_value(std::string_view text);
net::CountryCode country_value(std::string_view text);
net::Continent continent_value(std::string_view text);
net::Prefix netblock_value(std::string_view text);
std::string path_value(std::string_view text);
std::string url_value(std::string_view text);

// Separated by commas; "" is the empty list. Ascending, and each value once.
std::vector<std::uint32_t> asns_value(std::string_view text);
std::vector<net::Prefix> netblocks_value(std::string_view text);
std::vector<net::CountryCode> countries_value(std::string_view text);
std::vector<catalog::CloudRegion> clouds_value(std::string_view text);

}  // namespace mirrorway::admin
