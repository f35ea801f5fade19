// The directories of MirrorManager's cache, by far its largest part: what they say about hosts,
// boiled down while they pass by one at a time. What is kept is as small as the snapshot that
// becomes of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cache_builder/mirrormanager/tables.h"

namespace mirrorway::cache_builder {

// Hosts and lists of URLs are numbered as they are first seen; those numbers say nothing outside.
using HostNumber = std::uint32_t;
using UrlListNumber = std::uint32_t;
inline constexpr UrlListNumber kNoUrls = 0;

struct SeenHost {
  std::uint64_t id = 0;
  bool is_private = false;  // some directory names it, but not for everybody
  bool is_global = false;   // some directory names it for everybody
  std::optional<net::CountryCode> country;
  bool is_left_out = false;  // it may serve no country that we can read
  bool has_urls = false;
};

// Where categories may begin: a directory without its subpath.
struct SeenTop {
  std::string path;
  std::vector<UrlListNumber> lists;  // by host: of the first directory that names it
};

struct SeenDirectory {
  std::string path;
  std::uint32_t top = 0;
  std::uint32_t host_set = 0;
  // Hosts of the set whose URLs are not those in the top's list. Hardly any: URLs belong to a host
  // and a category, and hardly any two categories have the same top.
  std::vector<std::pair<HostNumber, UrlListNumber>> exceptions;
};

struct SeenDirectories {
  std::vector<SeenHost> hosts;                      // by HostNumber
  std::vector<std::vector<std::string>> url_lists;  // by UrlListNumber; best scheme first
  std::vector<SeenTop> tops;
  std::vector<std::string> host_sets;      // bits are HostNumbers; hosts with URLs only
  std::vector<SeenDirectory> directories;  // by path; each once
};

// Throws base::Error for damage, and when there are more hosts than a snapshot holds.
SeenDirectories read_directories(CacheBytes& bytes, const CacheTables& tables,
                                 base::Remarks& remarks);

}  // namespace mirrorway::cache_builder
