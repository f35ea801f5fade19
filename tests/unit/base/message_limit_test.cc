#include "common/base/message_limit.h"

#include <catch2/catch.hpp>

using namespace mirrorway;
using namespace std::chrono_literals;

TEST_CASE("of messages that repeat one goes in each interval, the first at once") {
  base::MessageLimit limit(60s);
  const base::MessageLimit::Clock::time_point start(1h);
  struct Row {
    std::chrono::milliseconds after;
    bool goes;
  };
  for (const Row& row : {Row{0s, true}, Row{0s, false}, Row{59'999ms, false}, Row{60s, true},
                         Row{119s, false}, Row{500s, true}, Row{559s, false}, Row{560s, true}}) {
    CAPTURE(row.after.count());
    CHECK(limit.take_turn(start + row.after) == row.goes);
  }
}

TEST_CASE("the first message goes however lately the machine has started") {
  base::MessageLimit limit(60s);
  CHECK(limit.take_turn(base::MessageLimit::Clock::time_point()));
}
