// How the arrays of an image lie in its block. Internal to snapshot.
#pragma once

#include "common/snapshot/image.h"

namespace mirrorway::snapshot {

// Arrays start on a cache line of their own.
inline constexpr std::size_t kArrayAlignment = 64;

template <typename T>
struct ArrayRef {
  std::uint64_t offset;
  std::uint64_t count;
};

struct Image::Header {
  std::uint64_t catalog_time;
  std::uint64_t catalog_generation;
  ArrayRef<char> texts;
  ArrayRef<HostRecord> hosts;
  ArrayRef<UrlRecord> urls;
  ArrayRef<Run> carriages;
  ArrayRef<std::uint16_t> allowed_countries;
  ArrayRef<DirectoryRecord> directories;
  ArrayRef<std::uint32_t> directory_slots;
  ArrayRef<RepositoryRecord> repositories;
  ArrayRef<RedirectRecord> redirects;
  ArrayRef<HostWord> sets;
  ArrayRef<HostWord> special_sets;
  ArrayRef<HostWord> scheme_sets;
  ArrayRef<HostWord> country_sets;
  ArrayRef<std::uint32_t> country_rows;
  ArrayRef<HostWord> continent_sets;
  ArrayRef<std::uint8_t> country_continents;
  ArrayRef<PrefixRecord> netblocks;
  ArrayRef<HostIndex> netblock_hosts;
  ArrayRef<AsnRecord> asns;
  ArrayRef<PrefixRecord> country_netblocks;
  ArrayRef<std::uint16_t> netblock_countries;
  ArrayRef<PrefixRecord> research_networks;
  ArrayRef<FileRecord> files;
  ArrayRef<FileVersionRecord> versions;
  ArrayRef<std::uint32_t> ipv4_index;
  ArrayRef<std::uint32_t> ipv4_starts;
  ArrayRef<std::uint32_t> ipv4_asns;
  ArrayRef<std::uint32_t> ipv6_index;
  ArrayRef<std::uint64_t> ipv6_starts;
  ArrayRef<std::uint32_t> ipv6_asns;
};

// The index into the announced prefixes goes by the first bits of an address: 16 of IPv4, and 20 of
// IPv6, where they are denser, as all begin alike.
template <typename Number>
constexpr unsigned asn_index_shift() {
  return sizeof(Number) == 4 ? 16 : 44;
}

}  // namespace mirrorway::snapshot
