// From a request target to what mirrorlist_server is asked. The interface, as clients see it:
// proto/HTTP.md.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "common/net/address.h"
#include "proto/lookup.pb.h"

namespace mirrorway::http {

// Longer ones are answered with 414.
inline constexpr std::size_t kMaxTargetBytes = 8 << 10U;

// Why a request is not answered with mirrors.
struct Problem {
  unsigned status;   // 400, 404 or 414
  std::string text;  // one line, no LF; what the client sent is escaped
};

// `target` as in the request line, in origin or absolute form. `client` is whom the request is from
// (client_address.h); ip= overrides it. Addresses inside tunnels are taken out of them.
std::variant<proto::LookupRequest, Problem> parse_lookup(std::string_view target,
                                                         const net::Address& client);

}  // namespace mirrorway::http
