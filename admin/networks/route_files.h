// Routing tables and lists of networks, read file by file. The forms: proto/NETWORKS.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "common/net/asn_prefix.h"

namespace mirrorway::admin {

struct RouteFilesOptions {
  std::string bgpdump;              // the program
  std::set<std::uint32_t> through;  // only what is reached through one of these; empty: everything
  std::size_t max_bad_lines = 0;
  // Told now and then how many entries are read, of all files.
  std::function<void(const std::string& file, std::size_t entries)> progress =
      [](const std::string&, std::size_t) {};
};

struct RouteFiles {
  std::vector<net::AsnPrefix> rows;  // by prefix, each once; ASN 0: not told
  std::size_t entries = 0;           // read, of all files
  std::size_t bad_lines = 0;
};

// Throws base::Error that names file and line: a file that is empty, cut short or otherwise
// damaged.
RouteFiles read_route_files(const std::vector<std::string>& files,
                            const RouteFilesOptions& options);

}  // namespace mirrorway::admin
