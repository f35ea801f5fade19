#include "common/base/remarks.h"

#include <catch2/catch.hpp>

using namespace mirrorway::base;

TEST_CASE("remarks are counted by kind, with the first examples of each") {
  Remarks remarks;
  CHECK(remarks.lines().empty());
  for (int i = 0; i < 5; ++i) remarks.add("rows left out", "row {}", i);
  remarks.add("names cut", "\"{}\"", shown(std::string(100, 'x') + "\n"));
  remarks.add_count("lines skipped", 7);
  remarks.add_count("never seen", 0);
  CHECK(remarks.count("rows left out") == 5);
  CHECK(remarks.count("never seen") == 0);
  const std::vector<std::string> lines = remarks.lines();
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "5 rows left out: row 0; row 1; row 2; …");
  CHECK(lines[1] == "1 names cut: \"" + std::string(80, 'x') + "…\"");
  CHECK(lines[2] == "7 lines skipped");
}
