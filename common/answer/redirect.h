// The way to the best mirror of a file or directory.
#pragma once

#include "common/answer/listing.h"
#include "proto/lookup.pb.h"

namespace mirrorway::answer {

// A 302 to the first host's best URL. For a file asked for by its own URL also the next mirrors and
// the metalink as links (RFC 6249), as far as they fit into kMaxLinkBytes, and the digests of its
// current version. False, with nothing set, when there is no host.
bool set_redirect(const Listing& listing, proto::LookupResponse& response);

// nginx takes 4 KiB of headers from the server behind it unless told otherwise.
inline constexpr std::size_t kMaxLinkBytes = 2000;

}  // namespace mirrorway::answer
