#include "cache_builder/networks.h"

#include <utility>

#include "common/base/sort_unique.h"
#include "common/snapshot/asn_table.h"

namespace mirrorway::cache_builder {

std::vector<net::Prefix> netblocks_of(const catalog::Host& host,
                                      const std::vector<catalog::CloudRange>& ranges) {
  std::vector<net::Prefix> netblocks = host.netblocks;
  const std::vector<net::Prefix> of_clouds = catalog::cloud_netblocks(host, ranges);
  netblocks.insert(netblocks.end(), of_clouds.begin(), of_clouds.end());
  base::sort_unique(netblocks);
  return netblocks;
}

proto::AsnTable read_asn_table(const catalog::CatalogReader& reader) {
  std::vector<net::AsnPrefix> rows;
  reader.for_each_asn([&](const net::AsnPrefix& row) { rows.push_back(row); });
  return snapshot::encode_asn_table(std::move(rows));
}

}  // namespace mirrorway::cache_builder
