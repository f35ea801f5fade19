#include "common/snapshot/netblock.h"

#include <string>

namespace mirrorway::snapshot {

std::optional<net::Prefix> prefix_of(const proto::Netblock& netblock) {
  const auto address = net::Address::from_bytes(netblock.address());
  return address ? net::Prefix::make(*address, netblock.length()) : std::nullopt;
}

proto::Netblock to_proto(const net::Prefix& prefix) {
  proto::Netblock netblock;
  netblock.set_address(std::string(prefix.address().bytes()));
  netblock.set_length(prefix.length());
  return netblock;
}

}  // namespace mirrorway::snapshot
