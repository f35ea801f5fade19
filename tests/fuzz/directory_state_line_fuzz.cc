// Lines of crawl results come from programs that other people write.

#include <cstdint>
#include <string_view>

#include "admin/directory_states.h"
#include "common/base/error.h"
#include "common/net/path.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto line = mirrorway::admin::parse_state_line(
      std::string_view(reinterpret_cast<const char*>(data), size));
  MIRRORWAY_ASSERT(line || !line.reason().empty());
  if (line) {
    const auto path = mirrorway::net::parse_path(line->path);
    MIRRORWAY_ASSERT(path ? mirrorway::net::is_path(*path) : !path.reason().empty());
  }
  return 0;
}
