// Which AS announces which prefix, gathered from the lines of routing tables and text files:
// outside text, line by line. The forms: proto/NETWORKS.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

#include "common/base/parsed.h"
#include "common/net/asn_prefix.h"

namespace mirrorway::admin {

inline constexpr std::size_t kMaxNetworkLineBytes = 64 << 10;
inline constexpr std::size_t kMaxNetworkRows = 8'000'000;

// One entry of a routing table: how one peer of the collector reaches a prefix. The views are into
// the line.
struct Route {
  std::string_view prefix;
  std::string_view path;  // of AS numbers, nearest first; sets in braces

  // A line of `bgpdump -m`.
  static base::Parsed<Route> parse(std::string_view line);

  // The AS at the path's end; of several that were aggregated, the one that did it. 0: not told.
  std::uint32_t origin() const;
  bool passes_through(const std::set<std::uint32_t>& asns) const;
};

// "CIDR ASN", or a CIDR alone, which then has ASN 0.
base::Parsed<net::AsnPrefix> parse_network_line(std::string_view line);

// Rows in any order, several of one prefix among them. Lines that name the same prefix should
// follow each other, as they do in routing tables: then a row costs memory once.
class RouteTable {
 public:
  // One voice for the prefix being announced by this AS. Throws base::Error for more than
  // kMaxNetworkRows.
  void add(const net::Prefix& prefix, std::uint32_t asn);
  // The same prefix as in the call before.
  void add_again(std::uint32_t asn);

  // By prefix, each once, with the AS that has most voices; of equals the lowest.
  std::vector<net::AsnPrefix> finish();

 private:
  struct Vote {
    net::Prefix prefix;
    std::uint32_t asn;
    std::uint32_t count;
  };

  std::vector<Vote> votes_;
};

}  // namespace mirrorway::admin
