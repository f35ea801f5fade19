// What an operator should know of hosts' networks though nothing is wrong with them.
#pragma once

#include <string>
#include <vector>

#include "common/catalog/reader.h"

namespace mirrorway::admin {

// A network whose clients a host wants.
struct Claim {
  net::Prefix netblock;
  catalog::HostId host;
  bool is_of_cloud;  // a range of a region where the host stands; else a netblock of its own

  friend auto operator<=>(const Claim&, const Claim&) = default;
};

// Two hosts want the same clients: `inner` is the longer netblock, or the same.
struct Overlap {
  Claim inner;
  Claim outer;
};

// Of every netblock with those of other hosts around it, by netblock. Hosts in one cloud share its
// ranges: those are compared with other hosts' own netblocks only.
std::vector<Overlap> find_overlaps(const std::vector<catalog::Host>& hosts,
                                   const std::vector<catalog::CloudRange>& ranges);

// The overlaps that concern these hosts, and the clouds' regions of theirs that the catalog has no
// ranges of; one line each, and one that counts the rest when there are too many.
std::vector<std::string> network_remarks(const catalog::CatalogReader& reader,
                                         const std::vector<catalog::HostId>& concerned);

}  // namespace mirrorway::admin
