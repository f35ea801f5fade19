// Caches to snapshots and back.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cache_builder/inspect.h"
#include "cache_builder/mirrormanager/export.h"
#include "cache_builder/mirrormanager/import.h"
#include "common/snapshot/file.h"
#include "tests/support/cache_in_memory.h"
#include "tests/support/snapshot_file.h"

namespace mirrorway::cache_builder {

struct Imported {
  std::string file;  // the snapshot
  base::Remarks remarks;
  nlohmann::json shown;  // as `inspect --json` shows it
};

inline Imported import(std::string_view cache, std::vector<snapshot::AsnPrefix> asns = {}) {
  Imported result;
  tests::CacheInMemory bytes(cache);
  result.file = tests::encode_file(
      import_mirrormanager(bytes, known_continents(), std::move(asns), result.remarks));
  result.shown = nlohmann::json::parse(inspect_as_json(result.file));
  return result;
}

inline std::string export_cache(const std::string& file) {
  std::string cache;
  export_mirrormanager(snapshot::decode_file(file),
                       [&](std::string_view bytes) { cache += bytes; });
  return cache;
}

}  // namespace mirrorway::cache_builder
