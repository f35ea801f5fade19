// The files of cloud providers come from the network. The first byte chooses the provider.

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "admin/networks/cloud_ranges.h"
#include "common/base/error.h"

using namespace mirrorway;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view provider =
      catalog::kCloudProviders[*data % catalog::kCloudProviders.size()];
  const auto table = admin::parse_cloud_file(
      provider, std::string_view(reinterpret_cast<const char*>(data + 1), size - 1));
  if (!table) {
    MIRRORWAY_ASSERT(!table.reason().empty());
    return 0;
  }
  MIRRORWAY_ASSERT(!table->ranges.empty());
  MIRRORWAY_ASSERT(std::is_sorted(table->ranges.begin(), table->ranges.end()));
  for (const catalog::CloudRange& range : table->ranges)
    MIRRORWAY_ASSERT(catalog::CloudRegion::parse(range.region.text()));
  return 0;
}
