#include "common/net/path.h"

#include <catch2/catch.hpp>

using namespace mirrorway::net;

TEST_CASE("superfluous slashes are tolerated") {
  const auto text = GENERATE(values<const char*>({"a/b", "/a/b", "a/b/", "//a///b//"}));
  CHECK(*parse_path(text) == "a/b");
  CHECK(is_path("a/b"));
  CHECK(parse_path("///")->empty());
}

TEST_CASE("paths that could lead elsewhere or hide something are refused") {
  const auto text =
      GENERATE(values<std::string>({"a/../b", "..", "./a", "a/.", "a\nb", std::string("a\0b", 3),
                                    "a\x7F", "\xFF", std::string(5000, 'a')}));
  CHECK_FALSE(parse_path(text));
  CHECK_FALSE(is_path(text));
}

TEST_CASE("dots inside a segment are ordinary") {
  CHECK(is_path("a/..b/c.../.d"));
}

TEST_CASE("below a top directory means whole segments") {
  CHECK(is_at_or_below("pub/linux/x", "pub/linux"));
  CHECK(is_at_or_below("pub/linux", "pub/linux"));
  CHECK(is_at_or_below("pub", ""));
  CHECK_FALSE(is_at_or_below("pub/linux2", "pub/linux"));
  CHECK_FALSE(is_at_or_below("pub", "pub/linux"));
}
