#include "cache_builder/remarks.h"

#include <string_view>

namespace mirrorway::cache_builder {
namespace {

constexpr std::array<std::string_view, kRemarks> kTexts{
    "URLs left out, as package managers cannot append a path to them",
    "URL ids without a URL (MirrorManager leaves out private ones itself)",
    "carriages cut to the first 16 URLs",
    "hosts left out, as they have no URL",
    "hosts are private, as one directory has them so, though others list them for everybody",
    "countries of hosts left out, as they are no country codes",
    "hosts stand under several countries; the first of the alphabet counts",
    "allowed countries left out, as they are no country codes",
    "hosts left out, as none of their allowed countries can be read",
    "ASNs of hosts left out, as they are no ASNs",
    "netblocks of hosts left out",
    "netblocks had bits set past their length, which were cleared",
    "countries of netblocks left out",
    "overrides of continents left out",
    "directories left out",
    "directories come twice; the first counts",
    "directories left out, as a snapshot cannot hold so many categories",
    "directories of file details are unknown; their files are left out",
    "files left out, as this is no name of a file",
    "digests left out, as they are none",
    "repositories left out, as name and architecture cannot be read",
    "repositories left out, as their directory is unknown",
    "disabled repositories have no directory: requests for them get 404",
    "redirects left out, as they are no names of repositories",
    "redirects left out, as they run in a loop or are more than 8 deep",
    "lines left out of the countries",
    "lines left out of the global netblocks",
};

}  // namespace

std::vector<std::string> Remarks::lines() const {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < kRemarks; ++i) {
    const Entry& entry = entries_[i];
    if (entry.count == 0) continue;
    lines.push_back(fmt::format("{} {}: {}{}", entry.count, kTexts[i],
                                fmt::join(entry.examples, "; "),
                                entry.count > entry.examples.size() ? "; …" : ""));
  }
  return lines;
}

}  // namespace mirrorway::cache_builder
