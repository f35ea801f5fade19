// The small tables of MirrorManager's cache, checked and in one spelling: everything but
// directories and files.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "cache_builder/mirrormanager/reader.h"
#include "common/base/remarks.h"
#include "common/net/address.h"
#include "common/net/country.h"

namespace mirrorway::cache_builder {

// What the tables say about one host. Whether it exists is said by the directories.
struct HostFacts {
  std::optional<net::CountryCode> country;
  // MirrorManager's weight for a host of unknown bandwidth, least of all: such a host never told
  // what it can bear.
  std::uint32_t bandwidth_mbps = 1;
  bool is_restricted = false;  // to the allowed countries, of which none may have been readable
  std::set<net::CountryCode> allowed_countries;
  std::set<std::uint32_t> asns;
  std::set<net::Prefix> netblocks;
};

struct CacheTables {
  std::uint64_t time = 0;                               // Unix seconds
  std::unordered_map<std::uint64_t, std::string> urls;  // by id; good base URLs only
  std::unordered_map<std::uint64_t, HostFacts> hosts;   // by id
  std::map<net::Prefix, net::CountryCode> netblock_countries;
  std::map<net::CountryCode, net::Continent> continents;  // that differ from what is generally held
  std::map<std::pair<std::string, std::string>, std::string> repositories;  // to directory
  std::set<std::string> disabled;                                           // names of repositories
  std::map<std::string, std::string> redirects;  // of names; chains are not checked yet
  bool has_directories = false;
};

// Walks the whole cache once, so that afterwards it is known to be whole. Throws base::Error for
// damage and for what must be there and is not.
CacheTables read_tables(CacheBytes& bytes, base::Remarks& remarks);

}  // namespace mirrorway::cache_builder
