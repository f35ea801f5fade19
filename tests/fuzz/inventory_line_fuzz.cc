// Lines of inventories come from files that other people write.

#include <cstdint>
#include <string_view>

#include "admin/inventory/lines.h"
#include "common/base/error.h"
#include "common/net/url.h"

namespace {

void check_urls(const std::vector<std::string>& urls) {
  MIRRORWAY_ASSERT(!urls.empty() && urls.size() <= mirrorway::admin::kMaxInventoryUrls);
  for (const std::string& url : urls) MIRRORWAY_ASSERT(*mirrorway::net::parse_base_url(url) == url);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto mirror = mirrorway::admin::parse_inventory_line(
      std::string_view(reinterpret_cast<const char*>(data), size));
  if (!mirror) {
    MIRRORWAY_ASSERT(!mirror.reason().empty());
    return 0;
  }
  MIRRORWAY_ASSERT(!mirror->name.empty() && !mirror->site.empty());
  check_urls(mirror->urls);
  for (const auto& [module, urls] : mirror->modules) check_urls(urls);
  return 0;
}
