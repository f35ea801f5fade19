#include "cache_builder/if_changed.h"

#include "cache_builder/assemble.h"
#include "common/base/error.h"
#include "common/base/file.h"
#include "common/snapshot/file.h"

namespace mirrorway::cache_builder {

bool is_built_from(const std::string& file, const catalog::State& state) {
  try {
    const auto origin = snapshot::decode_origin(base::read_file(file, snapshot::kMaxSnapshotBytes));
    return origin.catalog_time() == static_cast<std::uint64_t>(state.changed_at) &&
           origin.catalog_generation() == static_cast<std::uint64_t>(state.generation) &&
           origin.builder_revision() == kRevision;
  } catch (const base::Error&) {
    return false;  // whatever is wrong with it, or that there is none: a build puts it right
  }
}

}  // namespace mirrorway::cache_builder
