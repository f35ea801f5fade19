// From a request to what mirrorlist_server is asked. The interface, as clients see it:
// proto/HTTP.md.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/http/alias.h"
#include "common/http/problem.h"
#include "common/net/address.h"
#include "proto/lookup.pb.h"

namespace mirrorway::http {

// What a site's operator decides about URLs.
struct Routes {
  std::vector<std::string> file_prefixes;  // "/pub/": below are files; both ends are slashes
  std::vector<Alias> aliases;              // the first that matches counts
};

// The names of all parameters, for Alias::parse.
std::span<const std::string_view> parameter_names();

struct ParsedLookup {
  proto::Form form;                                    // in which to answer, errors as well
  bool is_negotiated;                                  // the Accept header had a say
  std::variant<proto::LookupRequest, Problem> result;  // a Problem has status 400, 404 or 414
};

// `target` as in the request line, in origin or absolute form; `accept` the values of the Accept
// headers. `client` is whom the request is from (client_address.h); ip= overrides it. Addresses
// inside tunnels are taken out of them.
ParsedLookup parse_lookup(const Routes& routes, std::string_view target,
                          std::span<const std::string_view> accept, const net::Address& client);

// The name to keep the answer under: "a.iso.meta4" for a metalink of a.iso, which some clients
// would otherwise write where the file itself is to go. Empty for what is no metalink of a named
// file.
std::string document_name(const proto::LookupRequest& request);

}  // namespace mirrorway::http
