// Dates as HTTP and metalinks write them.
#pragma once

#include <chrono>
#include <string>

namespace mirrorway::base {

// "Sun, 06 Nov 1994 08:49:37 GMT": IMF-fixdate of RFC 9110, and RFC 5322's but for the zone's name.
std::string internet_date(std::chrono::sys_seconds time);

}  // namespace mirrorway::base
