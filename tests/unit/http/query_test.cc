#include "common/http/query.h"

#include <array>

#include <catch2/catch.hpp>

using namespace mirrorway;
using namespace mirrorway::http;

namespace {

constexpr std::array<std::string_view, 2> kKnown{"repo", "arch"};

// "repo|arch", with "-" for what is not given.
std::string values(std::string_view query) {
  const auto [values, problem] = parse_query(query, kKnown);
  if (problem) return "refused: " + problem->reason;
  return values[0].value_or("-") + "|" + values[1].value_or("-");
}

}  // namespace

TEST_CASE("queries are taken apart and decoded") {
  struct Row {
    const char* query;
    const char* expected;
  };
  const auto row = GENERATE(values<Row>({
      {"", "-|-"},
      {"repo=fedora-40&arch=x86_64", "fedora-40|x86_64"},
      {"arch=x86_64&repo=fedora-40", "fedora-40|x86_64"},
      {"&&repo=a&&", "a|-"},
      {"repo", "|-"},
      {"repo=", "|-"},
      {"repo=a=b", "a=b|-"},
      {"repo=libstdc++", "libstdc++|-"},
      {"repo=a%2Bb%20c%26d", "a+b c&d|-"},
      {"r%65po=a", "a|-"},
      {"REPO=a", "-|-"},
      {"repo=%C3%A9", "\xC3\xA9|-"},
  }));
  CAPTURE(row.query);
  CHECK(::values(row.query) == row.expected);
}

TEST_CASE("parameters that nobody knows are ignored, however broken") {
  const auto* const query =
      GENERATE("countme=1", "infra=stock&infra=stock", "x=%zz", "%zz=1", "=", "x=%00", "x=%ff");
  CHECK(::values(std::string(query) + "&repo=a") == "a|-");
}

TEST_CASE("a bad parameter is refused by name") {
  struct Row {
    std::string query;
    const char* reason;
  };
  const auto row = GENERATE(values<Row>({
      {"repo=a&repo=b", "parameter repo is given twice"},
      {"repo=a&arch=b&r%65po=a", "parameter repo is given twice"},
      {"arch=%", "parameter arch: \"%\": % without two hexadecimal digits"},
      {"arch=%4", "parameter arch: \"%4\""},
      {"arch=%00", "parameter arch: \"\\x00\" has control characters or is no UTF-8"},
      {"arch=%0d%0aSet-Cookie:", "parameter arch: \"\\x0d\\x0aSet-Cookie:\" has control"},
      {"arch=%ff", "parameter arch: \"\\xff\" has control characters or is no UTF-8"},
      {"arch=%c0%af", "parameter arch: \"\\xc0\\xaf\""},
      {"arch=%c2%9b", "parameter arch: \"\\xc2\\x9b\" has control"},
  }));
  CAPTURE(row.query);
  CHECK_THAT(::values(row.query), Catch::Contains(row.reason));
}
