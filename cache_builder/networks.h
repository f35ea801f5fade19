// What the snapshot is told of networks from tables that the catalog got from outside.
#pragma once

#include <vector>

#include "common/catalog/reader.h"
#include "proto/snapshot.pb.h"

namespace mirrorway::cache_builder {

// The host's own netblocks and the ranges of the clouds that it stands in; ascending, each once.
std::vector<net::Prefix> netblocks_of(const catalog::Host& host,
                                      const std::vector<catalog::CloudRange>& ranges);

proto::AsnTable read_asn_table(const catalog::CatalogReader& reader);

}  // namespace mirrorway::cache_builder
