// Whether there is anything to build.
#pragma once

#include <string>

#include "common/catalog/records.h"

namespace mirrorway::cache_builder {

// True when the file is a complete snapshot that this very revision of the builder made of this
// state. Costs reading the file and its checksum.
bool is_built_from(const std::string& file, const catalog::State& state);

}  // namespace mirrorway::cache_builder
