// What bgpdump prints is as hostile as the routing table that it was given.

#include <cstdint>
#include <string_view>

#include "admin/networks/routes.h"
#include "common/base/error.h"

using mirrorway::admin::Route;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const auto route = Route::parse(line);
  if (!route) {
    MIRRORWAY_ASSERT(!route.reason().empty());
    return 0;
  }
  const std::uint32_t origin = route->origin();
  // The origin is in the path, unless it stands in braces.
  MIRRORWAY_ASSERT(origin == 0 || route->path.find('{') != std::string_view::npos ||
                   route->passes_through({origin}));
  mirrorway::admin::RouteTable table;
  if (const auto prefix = mirrorway::net::Prefix::parse(route->prefix)) {
    table.add(*prefix, origin);
    table.add_again(origin);
    MIRRORWAY_ASSERT(table.finish().size() == 1);
  }
  return 0;
}
