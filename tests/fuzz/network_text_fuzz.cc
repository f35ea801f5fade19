// Tables of networks and of continents come from files that cron fetched.

#include <cstdint>
#include <string_view>

#include "admin/networks/continents.h"
#include "admin/networks/routes.h"
#include "common/base/error.h"
#include "common/net/special_purpose.h"

using mirrorway::net::AsnPrefix;

namespace {

void check_network(std::string_view line) {
  const auto row = mirrorway::admin::parse_network_line(line);
  if (!row) {
    MIRRORWAY_ASSERT(!row.reason().empty());
    return;
  }
  MIRRORWAY_ASSERT(*AsnPrefix::parse(row->text()) == *row);
  const auto problem = mirrorway::net::find_netblock_problem(row->prefix);
  MIRRORWAY_ASSERT(!problem || !problem->empty());
}

void check_continents(std::string_view text) {
  const auto continents = mirrorway::admin::parse_continents(text);
  MIRRORWAY_ASSERT(continents ? !continents->empty() : !continents.reason().empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_network(text);
  check_continents(text);
  return 0;
}
