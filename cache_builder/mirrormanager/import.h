// From MirrorManager's cache to the message that is served. What becomes of which field is written
// in proto/MIRRORMANAGER.md.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "cache_builder/mirrormanager/reader.h"
#include "common/base/remarks.h"
#include "common/net/country.h"
#include "common/snapshot/asn_table.h"
#include "proto/snapshot.pb.h"

namespace mirrorway::cache_builder {

using Continents = std::map<net::CountryCode, net::Continent>;

// The countries that net knows, with the continents that it holds them to be in.
Continents known_continents();

// How often the cache is gone through, from its begin to its end: tables, directories, files.
inline constexpr std::uint64_t kCachePasses = 3;

// Memory is that of the snapshot. Equal caches give equal messages, which snapshot::FileEncoder
// accepts. Throws base::Error when the cache is damaged, lacks what must be there, or changes
// meanwhile. `continents` lists the countries there are; the cache's overrides are put into it.
proto::Snapshot import_mirrormanager(CacheBytes& bytes, Continents continents,
                                     std::vector<snapshot::AsnPrefix> asns, base::Remarks& remarks);

}  // namespace mirrorway::cache_builder
