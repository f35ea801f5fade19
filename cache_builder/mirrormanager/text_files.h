// The two text files beside MirrorManager's cache.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cache_builder/mirrormanager/import.h"

namespace mirrorway::cache_builder {

// global_netblocks.txt: "CIDR ASN" per line. Netblocks of length 0, IPv6 ones longer than /64 and
// lines that cannot be read are counted and left out.
std::vector<snapshot::AsnPrefix> parse_global_netblocks(std::string_view text,
                                                        base::Remarks& remarks);
// The same form, by address.
std::string format_global_netblocks(const std::vector<snapshot::AsnPrefix>& asns);

// country_continent.csv: "CC,CONTINENT" per line, perhaps with a line of column names; countries in
// continent "--" are skipped. Throws base::Error when there is no country in it at all.
Continents parse_country_continents(std::string_view text, base::Remarks& remarks);

}  // namespace mirrorway::cache_builder
