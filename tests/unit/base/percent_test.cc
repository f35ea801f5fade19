#include "common/base/percent.h"

#include <catch2/catch.hpp>

using namespace mirrorway::base;

TEST_CASE("shares are read from 0% to 100%") {
  CHECK(parse_percent("0%")->value == 0);
  CHECK(parse_percent("20%")->value == Approx(0.2));
  CHECK(parse_percent("2.5%")->value == Approx(0.025));
  CHECK(parse_percent("100%")->value == 1);
  for (const char* const text :
       {"", "%", "20", "20 %", " 20%", "-1%", "101%", "1e1%", "nan%", "inf%", "20%%", "0x10%"}) {
    CAPTURE(text);
    CHECK_THAT(parse_percent(text).reason(), Catch::Contains("no share from 0% to 100%"));
  }
}

TEST_CASE("shares are written as they were read") {
  for (const char* const text : {"0%", "2.5%", "20%", "29%", "33.3%", "57%", "100%"})
    CHECK(format_percent(*parse_percent(text)) == text);
}

TEST_CASE("exactly the share is not more than it") {
  for (const std::size_t percent : {0U, 18U, 29U, 57U, 70U, 100U}) {
    CAPTURE(percent);
    const Share share{static_cast<double>(percent) / 100};
    CHECK_FALSE(loses_more_than(share, 100, 100 - percent));
    if (percent < 100) CHECK(loses_more_than(share, 100, 99 - percent));
  }
  CHECK_FALSE(loses_more_than({0}, 5, 6));
}
