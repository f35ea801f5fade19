#include "common/geo/geoip_option.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/error.h"

namespace mirrorway::geo {
namespace {

constexpr std::string_view kNone = "none";

}  // namespace

void declare_geoip(base::Options& options, std::vector<std::string>& geoip,
                   std::string_view purpose) {
  options.add("geoip", geoip, "FILE",
              fmt::format("MaxMind DB file with countries, cities or ASNs{}; may be given several "
                          "times, the first that knows a fact about an address is believed; "
                          "\"{}\" runs without",
                          purpose, kNone));
  options.add_check([&geoip] {
    if (geoip.size() > 1 && std::find(geoip.begin(), geoip.end(), kNone) != geoip.end())
      throw base::UsageError("--geoip {} cannot be given together with files", kNone);
  });
}

std::vector<std::string> geoip_files(const std::vector<std::string>& geoip) {
  if (geoip.size() == 1 && geoip.front() == kNone) return {};
  return geoip;
}

}  // namespace mirrorway::geo
