// The option --geoip, as every program has it that locates clients.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/options.h"

namespace mirrorway::geo {

// Declares it; `geoip` keeps its value as the default and outlives options.parse. It has files, or
// the one word "none"; that word among files is a UsageError of options.parse, also with
// --check-config. `purpose` ends the help's first clause, such as ", for why".
void declare_geoip(base::Options& options, std::vector<std::string>& geoip,
                   std::string_view purpose = "");

// The files to load; empty for "none".
std::vector<std::string> geoip_files(const std::vector<std::string>& geoip);

}  // namespace mirrorway::geo
