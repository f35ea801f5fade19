#include "common/base/date.h"

#include <catch2/catch.hpp>

using mirrorway::base::internet_date;
using mirrorway::base::rfc3339_date;

TEST_CASE("dates are written as HTTP and metalinks want them") {
  using namespace std::chrono;
  CHECK(internet_date(sys_seconds(seconds(784111777))) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(internet_date(sys_seconds(seconds(951782400))) == "Tue, 29 Feb 2000 00:00:00 GMT");
  CHECK(rfc3339_date(sys_seconds(seconds(784111777))) == "1994-11-06T08:49:37Z");
  CHECK(rfc3339_date(sys_seconds(seconds(-1))) == "1969-12-31T23:59:59Z");
}
