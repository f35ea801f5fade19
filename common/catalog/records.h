// The rows of the catalog as values. What each table means and why: DESIGN.md.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/parsed.h"
#include "common/net/address.h"
#include "common/net/country.h"

namespace mirrorway::catalog {

enum class SiteId : std::int64_t {};
enum class HostId : std::int64_t {};
enum class CategoryId : std::int64_t {};
enum class CarriageId : std::int64_t {};  // table host_category
enum class DirectoryId : std::int64_t {};
enum class RepositoryId : std::int64_t {};

inline constexpr std::uint32_t kLeastBandwidthMbps = 1;
inline constexpr std::uint32_t kMostBandwidthMbps = 100'000;
inline constexpr std::uint32_t kDefaultBandwidthMbps = 1'000;
inline constexpr std::size_t kMaxNameBytes = 255;  // of sites, hosts, cities, repositories, …
inline constexpr std::size_t kMaxCommentBytes = 4'000;
inline constexpr std::size_t kMaxUrlsPerCarriage = 16;
inline constexpr std::size_t kMaxRedirectDepth = 8;  // one redirect after another

// Counts the write transactions that changed something; two equal states are the same catalog.
struct State {
  std::int64_t generation = 0;
  std::int64_t changed_at = 0;  // Unix seconds
};

// A region of a cloud provider, whose published ranges are a table of the catalog.
struct CloudRegion {
  static constexpr std::string_view kAll = "all";  // every region of the provider, of no other

  std::string provider;  // one of kCloudProviders
  std::string region;    // lower case, or kAll

  // "aws:eu-central-1", "gcp:all"; either case.
  static base::Parsed<CloudRegion> parse(std::string_view text);
  std::string text() const { return provider + ':' + region; }
  // Whether that region is this one or among these.
  bool holds(const CloudRegion& other) const {
    return provider == other.provider && (region == kAll || region == other.region);
  }

  friend auto operator<=>(const CloudRegion&, const CloudRegion&) = default;
};
inline constexpr std::array<std::string_view, 4> kCloudProviders{"aws", "azure", "gcp", "oci"};
inline constexpr std::size_t kMaxRegionBytes = 64;

// What a region's name is made of in the catalog: a-z, 0-9, - and _.
bool is_cloud_region(std::string_view region);

struct CloudRange {
  CloudRegion region;
  net::Prefix netblock;

  friend auto operator<=>(const CloudRange&, const CloudRange&) = default;
};

// The id of a row that is to be inserted is not looked at.
struct Site {
  SiteId id{};
  std::string name;
  std::string url;  // of the organisation's web page: is_page_url, or empty
  bool is_active = true;
  bool is_private = false;
  std::string comment;

  friend bool operator==(const Site&, const Site&) = default;
};

// Whether a site's web page can be there: http or https with something behind it, on one line of at
// most kMaxCommentBytes.
bool is_page_url(std::string_view url);

struct Host {
  HostId id{};
  SiteId site{};
  std::string name;
  bool is_active = true;
  bool is_private = false;
  bool is_monopoly = false;
  bool is_last_resort = false;
  bool is_research = false;      // on a research network
  bool serves_research = false;  // private, yet for its country's research networks
  bool any_netblocks = false;    // an administrator's word: also large, private and reserved ones
  bool serves_own_asn = true;    // clients of `asn` are its own, as those of client_asns are
  std::optional<net::CountryCode> country;
  std::string city;                 // may be empty
  std::optional<double> latitude;   // degrees; both or neither
  std::optional<double> longitude;  // degrees
  std::uint32_t bandwidth_mbps = kDefaultBandwidthMbps;
  std::optional<std::uint32_t> asn;
  std::string comment;
  // Each list ascending and without duplicates.
  std::vector<std::uint32_t> client_asns;
  std::vector<net::Prefix> netblocks;
  std::vector<net::CountryCode> allowed_countries;  // empty: every country
  // A host in a cloud counts as private; its provider's ranges there are netblocks of it, too.
  std::vector<CloudRegion> clouds;

  friend bool operator==(const Host&, const Host&) = default;
};

// Those of the ranges that are in the clouds where the host stands; ascending, each once.
std::vector<net::Prefix> cloud_netblocks(const Host& host, const std::vector<CloudRange>& ranges);

struct Category {
  CategoryId id{};
  std::string name;
  std::string top_directory;  // net::is_path; may be empty

  friend bool operator==(const Category&, const Category&) = default;
};

// A host carries a category below these URLs.
struct Carriage {
  CarriageId id{};
  HostId host{};
  CategoryId category{};
  bool is_always_up_to_date = false;
  std::vector<std::string> urls;  // as net::parse_base_url spells them, ascending, no duplicates

  friend bool operator==(const Carriage&, const Carriage&) = default;
};

struct Directory {
  DirectoryId id{};
  std::string path;  // net::is_path, at or below the category's top directory
  CategoryId category{};

  friend bool operator==(const Directory&, const Directory&) = default;
};

// What is known of a directory on a carriage of its category.
struct DirectoryState {
  DirectoryId directory{};
  bool is_up_to_date = false;

  friend bool operator==(const DirectoryState&, const DirectoryState&) = default;
};

struct FileDetail {
  DirectoryId directory{};
  std::string name;
  std::int64_t size = 0;       // bytes
  std::int64_t timestamp = 0;  // Unix seconds
  // In lower-case hexadecimal; each may be empty.
  std::string md5;
  std::string sha1;
  std::string sha256;
  std::string sha512;

  friend bool operator==(const FileDetail&, const FileDetail&) = default;
};

struct Repository {
  RepositoryId id{};
  std::string name;
  std::string architecture;
  DirectoryId directory{};
  bool is_disabled = false;

  friend bool operator==(const Repository&, const Repository&) = default;
};

struct Redirect {
  std::string from;
  std::string to;

  friend bool operator==(const Redirect&, const Redirect&) = default;
};

struct Country {
  net::CountryCode code;
  net::Continent continent;
  std::optional<net::Continent> override_continent;

  net::Continent effective_continent() const { return override_continent.value_or(continent); }
};

struct NetblockCountry {
  net::Prefix netblock;
  net::CountryCode country;

  friend bool operator==(const NetblockCountry&, const NetblockCountry&) = default;
};

}  // namespace mirrorway::catalog
