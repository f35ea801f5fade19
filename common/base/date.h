// Dates as HTTP and metalinks write them. No function of the C library's: the first of those in a
// process reads /etc/localtime, which ends a process that may open no files.
#pragma once

#include <chrono>
#include <string>

namespace mirrorway::base {

// "Sun, 06 Nov 1994 08:49:37 GMT": IMF-fixdate of RFC 9110, and RFC 5322's but for the zone's name.
std::string internet_date(std::chrono::sys_seconds time);

// "1994-11-06T08:49:37Z" (RFC 3339). Years from 0 to 9999 are what it has room for.
std::string rfc3339_date(std::chrono::sys_seconds time);

}  // namespace mirrorway::base
