// One request, one response: the whole of what the redirector knows how to do.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "common/answer/listing.h"
#include "common/geo/database.h"
#include "common/net/address.h"
#include "common/selection/select.h"
#include "common/snapshot/image.h"
#include "proto/lookup.pb.h"

namespace mirrorway::answer {

// Where and what the address is: country by the operator's netblocks, else by the files.
selection::Client locate(const snapshot::Image& image, const geo::GeoDatabase& geo,
                         const net::Address& address);

// The request comes from an untrusted peer; whatever is wrong with it is a response with status
// 400.
proto::LookupResponse answer_lookup(const snapshot::Image& image, const geo::GeoDatabase& geo,
                                    const selection::Policy& policy,
                                    const proto::LookupRequest& request,
                                    std::chrono::system_clock::time_point now);

// The same, but whatever the form is, `write` makes the body of what is found, from a listing with
// every host's fate: for tools that explain.
proto::LookupResponse explain_lookup(const snapshot::Image& image, const geo::GeoDatabase& geo,
                                     const selection::Policy& policy,
                                     const proto::LookupRequest& request,
                                     std::chrono::system_clock::time_point now,
                                     const std::function<std::string(const Listing&)>& write);

}  // namespace mirrorway::answer
