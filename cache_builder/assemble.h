// From the catalog to the message that is served. What goes where is written in proto/SNAPSHOT.md;
// what is left out and why, in DESIGN.md.
#pragma once

#include "common/catalog/reader.h"
#include "proto/snapshot.pb.h"

namespace mirrorway::cache_builder {

// Equal states of the catalog give equal messages. Throws base::Error.
proto::Snapshot assemble(const catalog::CatalogReader& reader);

}  // namespace mirrorway::cache_builder
