// The clouds that hosts stand in.
#include <algorithm>

#include "common/base/sort_unique.h"
#include "common/base/text.h"
#include "common/catalog/records.h"

namespace mirrorway::catalog {

bool is_cloud_region(std::string_view region) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789-_";
  return !region.empty() && region.size() <= kMaxRegionBytes &&
         region.find_first_not_of(kLetters) == std::string_view::npos;
}

base::Parsed<CloudRegion> CloudRegion::parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string provider = base::lower_ascii(text.substr(0, colon));
  if (std::find(kCloudProviders.begin(), kCloudProviders.end(), provider) == kCloudProviders.end())
    return base::refuse("\"{}\" names none of the clouds {}", base::printable(text, 80),
                        fmt::join(kCloudProviders, ", "));
  const std::string region =
      colon == std::string_view::npos ? std::string() : base::lower_ascii(text.substr(colon + 1));
  if (!is_cloud_region(region))
    return base::refuse("\"{}\" names no region, as {}:{} and {}:eu-1 do",
                        base::printable(text, 80), provider, kAll, provider);
  return CloudRegion{provider, region};
}

std::vector<net::Prefix> cloud_netblocks(const Host& host, const std::vector<CloudRange>& ranges) {
  std::vector<net::Prefix> netblocks;
  for (const CloudRegion& cloud : host.clouds)
    for (const CloudRange& range : ranges)
      if (cloud.holds(range.region)) netblocks.push_back(range.netblock);
  base::sort_unique(netblocks);  // one of a host's regions may hold another
  return netblocks;
}

}  // namespace mirrorway::catalog
