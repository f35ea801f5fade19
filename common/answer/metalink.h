// Metalinks of both versions.
#pragma once

#include <string>

#include "common/answer/listing.h"

namespace mirrorway::answer {

// Version 3.0 with Fedora's extensions, in the dialect that librepo, libzypp and aria2 read: the
// prefix mm0 is spelt out, digests are in lower case, mirrors stand in their order as well as
// having preferences from 100 downwards, and all versions that count as current are alternates.
// `file` is what the snapshot knows of the target's file.
std::string format_metalink(const Listing& listing, const snapshot::FileRecord& file);

// Version 4 (RFC 5854). Digests and size where they are known.
std::string format_metalink4(const Listing& listing);

}  // namespace mirrorway::answer
