// Netblocks that no client on the Internet has, and netblocks that are too large for one host.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/net/address.h"

namespace mirrorway::net {

// What IANA sets apart: the special-purpose registries of IPv4 and IPv6 (RFC 6890) as far as their
// netblocks are not reachable globally, 6to4 and Teredo (whose clients count as the IPv4 address
// inside), multicast, and what the IETF keeps. Returns what it is for, with its source, when
// the netblock holds or lies in such a one.
std::optional<std::string_view> find_special_purpose(const Prefix& prefix);

// The largest netblocks that a host may have without an administrator's word.
inline constexpr unsigned kLeastHostIpv4Length = 16;
inline constexpr unsigned kLeastHostIpv6Length = 32;

// Why a host may not have the netblock without an administrator's word; nullopt when it may. The
// text completes "netblock N is ...".
std::optional<std::string> find_netblock_problem(const Prefix& prefix);

}  // namespace mirrorway::net
