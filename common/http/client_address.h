// Whose request it is, when it may have come through proxies.
#pragma once

#include <span>
#include <string_view>

#include "common/base/parsed.h"
#include "common/net/address.h"

namespace mirrorway::http {

// The peer, unless it is a trusted proxy; then X-Forwarded-For is read from the right, past trusted
// proxies, and the first other address is the client. `forwarded` are the values of all such
// headers in the order of the request: together they are one list. Elements may carry a port
// ("192.0.2.1:80", "[2001:db8::1]:80").
//
// Left of an element that is no address nothing is believed: the answer is then the proxy that sent
// it. What an untrusted peer sends is never looked at. IPv4-mapped addresses count as IPv4, but
// other tunnels are not unwrapped here: 6to4 and Teredo addresses can be chosen so that a trusted
// proxy's address is inside.
net::Address find_client_address(const net::Address& peer,
                                 std::span<const std::string_view> forwarded,
                                 std::span<const net::Prefix> trusted_proxies);

// An element of X-Forwarded-For, see above.
base::Parsed<net::Address> parse_forwarded_element(std::string_view text);

}  // namespace mirrorway::http
