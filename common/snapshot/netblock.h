// Netblocks of the snapshot's message.
#pragma once

#include <optional>

#include "common/net/address.h"
#include "proto/snapshot.pb.h"

namespace mirrorway::snapshot {

// nullopt for what is no netblock; never in a snapshot that has passed validate().
std::optional<net::Prefix> prefix_of(const proto::Netblock& netblock);

proto::Netblock to_proto(const net::Prefix& prefix);

}  // namespace mirrorway::snapshot
