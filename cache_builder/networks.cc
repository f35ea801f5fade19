#include "cache_builder/networks.h"

#include <algorithm>
#include <utility>

#include "common/snapshot/asn_table.h"

namespace mirrorway::cache_builder {

std::vector<net::Prefix> netblocks_of(const catalog::Host& host,
                                      const std::vector<catalog::CloudRange>& ranges) {
  std::vector<net::Prefix> netblocks = host.netblocks;
  for (const catalog::CloudRegion& cloud : host.clouds)
    for (const catalog::CloudRange& range : ranges)
      if (cloud.holds(range.region)) netblocks.push_back(range.netblock);
  std::sort(netblocks.begin(), netblocks.end());
  netblocks.erase(std::unique(netblocks.begin(), netblocks.end()), netblocks.end());
  return netblocks;
}

proto::AsnTable read_asn_table(const catalog::CatalogReader& reader) {
  std::vector<net::AsnPrefix> rows;
  reader.for_each_asn([&](const net::AsnPrefix& row) { rows.push_back(row); });
  return snapshot::encode_asn_table(std::move(rows));
}

}  // namespace mirrorway::cache_builder
