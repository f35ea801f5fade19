// A MirrorManager cache comes from another program on another machine. Whatever the import accepts
// must make a good snapshot, and one that survives the way back.

#include <cstdint>
#include <string>
#include <string_view>

#include "cache_builder/mirrormanager/export.h"
#include "cache_builder/mirrormanager/import.h"
#include "common/snapshot/file.h"
#include "tests/support/cache_in_memory.h"
#include "tests/support/snapshot_file.h"

using namespace mirrorway;

namespace {

std::string import_to_file(std::string_view cache) {
  tests::CacheInMemory bytes(cache);
  base::Remarks remarks;
  const auto snapshot = cache_builder::import_mirrormanager(bytes, {}, {}, remarks);
  try {
    return tests::encode_file(snapshot);
  } catch (const base::Error& error) {
    MIRRORWAY_ASSERT(error.what() == nullptr);  // never: the import checks every rule itself
  }
  return {};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string file;
  try {
    file = import_to_file({reinterpret_cast<const char*>(data), size});
  } catch (const base::Error& error) {
    MIRRORWAY_ASSERT(*error.what() != '\0');
    return 0;
  }
  std::string cache;
  cache_builder::export_mirrormanager(snapshot::decode_file(file),
                                      [&](std::string_view bytes) { cache += bytes; });
  // A cache without any directory is refused, though a snapshot may be empty.
  if (snapshot::decode_file(file).directories().empty()) return 0;
  MIRRORWAY_ASSERT(import_to_file(cache) == file);
  return 0;
}
