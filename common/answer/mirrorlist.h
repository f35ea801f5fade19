// Lists as text: the mirrorlist, and those of pacman and apt.
#pragma once

#include <string>

#include "common/answer/listing.h"

namespace mirrorway::answer {

// The comment line, a second one with the catalog's time where asked for, then one URL per line;
// LF alone, no blank line, no trailing blank behind a URL. One URL per host, its best scheme; with
// schemes named in the request, up to that many of each host.
std::string format_mirrorlist(const Listing& listing);

// The same with "Server = URL" lines, for an Include in pacman.conf.
std::string format_pacman(const Listing& listing);

// The same for apt's mirror method, with priorities ("URL<tab>priority:N"): without them apt would
// shuffle the list.
std::string format_apt(const Listing& listing);

}  // namespace mirrorway::answer
