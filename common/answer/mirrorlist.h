// The URL list as text, and the single URL of a redirect.
#pragma once

#include <optional>
#include <string>

#include "common/answer/directory.h"
#include "common/selection/select.h"
#include "common/snapshot/image.h"
#include "proto/lookup.pb.h"

namespace mirrorway::answer {

// What "# …" starts with: "# repo = R arch = A " or "# path = P ".
std::string subject_comment(const Subject& subject);

// The comment line, a second one with the catalog's time where asked for, then one URL per line;
// LF alone, no blank line, no trailing blank behind a URL. One URL per host, its best scheme; with
// schemes named in the request, up to that many of each host.
std::string format_mirrorlist(const snapshot::Image& image, const proto::LookupRequest& request,
                              const Subject& subject, const Target& target,
                              const selection::Query& query, const selection::Selection& selection);

// The first host's best URL; nullopt when there is no host.
std::optional<std::string> redirect_location(const snapshot::Image& image, const Target& target,
                                             const selection::Query& query,
                                             const selection::Selection& selection);

}  // namespace mirrorway::answer
