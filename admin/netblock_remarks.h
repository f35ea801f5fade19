// What an operator should know of hosts' networks though nothing is wrong with them.
#pragma once

#include <string>
#include <vector>

#include "common/catalog/reader.h"

namespace mirrorway::admin {

// Two hosts want the same clients: `inner` is the longer netblock, or the same.
struct Overlap {
  catalog::HostId inner_host;
  net::Prefix inner;
  catalog::HostId outer_host;
  net::Prefix outer;
};

// Of every netblock with those of other hosts around it, by netblock.
std::vector<Overlap> find_overlaps(const std::vector<catalog::Host>& hosts);

// The overlaps that concern these hosts, and the clouds' regions of theirs that the catalog has no
// ranges of; one line each, and one that counts the rest when there are too many.
std::vector<std::string> network_remarks(const catalog::CatalogReader& reader,
                                         const std::vector<catalog::HostId>& concerned);

}  // namespace mirrorway::admin
