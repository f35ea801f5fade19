// Netblocks as people wrote them before anybody checked.
#pragma once

#include <string_view>

#include "common/net/address.h"

namespace mirrorway::net {

struct LooseNetblock {
  Prefix prefix;
  bool was_masked;  // bits past the length were set, and are cleared
};

// "192.0.2.0/24", "192.0.2.1", "192.0.2.0/255.255.255.0", with bits past the length or without.
base::Parsed<LooseNetblock> parse_loose_netblock(std::string_view text);

}  // namespace mirrorway::net
