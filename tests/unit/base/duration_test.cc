#include "common/base/duration.h"

#include <optional>

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using mirrorway::base::format_duration;
using mirrorway::base::parse_duration;

TEST_CASE("a duration is a whole number and a unit") {
  struct Row {
    const char* text;
    std::optional<std::chrono::milliseconds> expected;
  };
  const auto row = GENERATE(values<Row>({{"24h", 24h},
                                         {"500ms", 500ms},
                                         {"3m", 3min},
                                         {"7d", 168h},
                                         {"0s", 0s},
                                         {"", std::nullopt},
                                         {"24", std::nullopt},
                                         {"h", std::nullopt},
                                         {"-1s", std::nullopt},
                                         {"1.5s", std::nullopt},
                                         {"1 s", std::nullopt},
                                         {"99999999999999999999d", std::nullopt}}));
  CAPTURE(row.text);
  const auto parsed = parse_duration(row.text);
  REQUIRE(static_cast<bool>(parsed) == row.expected.has_value());
  if (row.expected) CHECK(*parsed == *row.expected);
}

TEST_CASE("a duration is written so that it reads back") {
  const auto duration = GENERATE(values<std::chrono::milliseconds>({0ms, 1ms, 1500ms, 90s, 24h}));
  const auto parsed = parse_duration(format_duration(duration));
  REQUIRE(parsed);
  CHECK(*parsed == duration);
}
