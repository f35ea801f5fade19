// What an import from MirrorManager's cache leaves out or changes: the kinds of base::Remarks.
#pragma once

#include <string_view>

namespace mirrorway::cache_builder::remark {

inline constexpr std::string_view kUrl =
    "URLs left out, as package managers cannot append a path to them";
inline constexpr std::string_view kUrlId =
    "URL ids without a URL (MirrorManager leaves out private ones itself)";
inline constexpr std::string_view kTooManyUrls = "carriages cut to the first 16 URLs";
inline constexpr std::string_view kHostWithoutUrl = "hosts left out, as they have no URL";
inline constexpr std::string_view kSometimesPrivate =
    "hosts are private, as one directory has them so, though others list them for everybody";
inline constexpr std::string_view kCountry =
    "countries of hosts left out, as they are no country codes";
inline constexpr std::string_view kTwoCountries =
    "hosts stand under several countries; the first of the alphabet counts";
inline constexpr std::string_view kAllowedCountry =
    "allowed countries left out, as they are no country codes";
inline constexpr std::string_view kAllowedNowhere =
    "hosts left out, as none of their allowed countries can be read";
inline constexpr std::string_view kAsn = "ASNs of hosts left out, as they are no ASNs";
inline constexpr std::string_view kNetblock = "netblocks of hosts left out";
inline constexpr std::string_view kMaskedNetblock =
    "netblocks had bits set past their length, which were cleared";
inline constexpr std::string_view kNetblockCountry = "countries of netblocks left out";
inline constexpr std::string_view kContinent = "overrides of continents left out";
inline constexpr std::string_view kDirectory = "directories left out";
inline constexpr std::string_view kDirectoryTwice = "directories come twice; the first counts";
inline constexpr std::string_view kTooManyCategories =
    "directories left out, as a snapshot cannot hold so many categories";
inline constexpr std::string_view kFileDirectory =
    "directories of file details are unknown; their files are left out";
inline constexpr std::string_view kFileName = "files left out, as this is no name of a file";
inline constexpr std::string_view kDigest = "digests left out, as they are none";
inline constexpr std::string_view kRepository =
    "repositories left out, as name and architecture cannot be read";
inline constexpr std::string_view kRepositoryDirectory =
    "repositories left out, as their directory is unknown";
inline constexpr std::string_view kDisabled =
    "disabled repositories have no directory: requests for them get 404";
inline constexpr std::string_view kRedirect =
    "redirects left out, as they are no names of repositories";
inline constexpr std::string_view kRedirectChain =
    "redirects left out, as they run in a loop or are more than 8 deep";
inline constexpr std::string_view kCountryLine = "lines left out of the countries";
inline constexpr std::string_view kAsnLine = "lines left out of the global netblocks";

}  // namespace mirrorway::cache_builder::remark
