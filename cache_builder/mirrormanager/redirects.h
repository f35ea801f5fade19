// Which of a cache's redirects a snapshot can hold.
#pragma once

#include <map>
#include <string>

#include "common/base/remarks.h"

namespace mirrorway::cache_builder {

using Redirects = std::map<std::string, std::string>;  // of names of repositories

// Without those that run in a loop, and then without those that are more than
// snapshot::kMaxRedirects deep. What leads into a loop stays and ends where the loop began.
Redirects good_redirects(Redirects redirects, base::Remarks& remarks);

}  // namespace mirrorway::cache_builder
