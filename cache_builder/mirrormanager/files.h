// The files of MirrorManager's cache with their versions.
#pragma once

#include "cache_builder/mirrormanager/reader.h"
#include "common/base/remarks.h"
#include "proto/snapshot.pb.h"

namespace mirrorway::cache_builder {

// Adds files to the directories of the snapshot, which are there already, by path. Throws
// base::Error for damage.
void add_files(CacheBytes& bytes, proto::Snapshot& snapshot, base::Remarks& remarks);

}  // namespace mirrorway::cache_builder
