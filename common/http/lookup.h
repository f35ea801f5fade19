// From a request target to what mirrorlist_server is asked. The interface, as clients see it:
// proto/HTTP.md.
#pragma once

#include <string_view>
#include <variant>

#include "common/http/problem.h"
#include "common/net/address.h"
#include "proto/lookup.pb.h"

namespace mirrorway::http {

// `target` as in the request line, in origin or absolute form. `client` is whom the request is from
// (client_address.h); ip= overrides it. Addresses inside tunnels are taken out of them.
// A Problem has status 400, 404 or 414.
std::variant<proto::LookupRequest, Problem> parse_lookup(std::string_view target,
                                                         const net::Address& client);

}  // namespace mirrorway::http
