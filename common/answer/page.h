// The list as a page for people.
#pragma once

#include <string>

#include "common/answer/listing.h"

namespace mirrorway::answer {

// HTML 5, complete in itself: no script, no picture, nothing to fetch. Reads in the same order
// without its style sheet.
std::string format_page(const Listing& listing);

}  // namespace mirrorway::answer
