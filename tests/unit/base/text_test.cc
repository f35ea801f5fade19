#include "common/base/text.h"

#include <catch2/catch.hpp>

#include "common/base/digest.h"

using namespace mirrorway::base;

TEST_CASE("text from outside is printable on one line") {
  struct Row {
    std::string text;
    std::string expected;
  };
  const auto row = GENERATE(values<Row>({{"plain", "plain"},
                                         {"two\nlines", "two\\x0alines"},
                                         {"quote\"back\\", "quote\\x22back\\x5c"},
                                         {"caf\xC3\xA9", "caf\xC3\xA9"},
                                         {"\xFF\x80", "\\xff\\x80"},
                                         {"c1 \xC2\x9B", "c1 \\xc2\\x9b"},
                                         {std::string("nul\0", 4), "nul\\x00"}}));
  CHECK(printable(row.text) == row.expected);
}

TEST_CASE("printable text is cut at its bound") {
  CHECK(printable(std::string(300, 'a'), 10) == "aaaaaaaaaa…");
  CHECK(printable("\n\n", 5) == "\\x0a…");
}

TEST_CASE("UTF-8 is told from what only looks like it") {
  CHECK(is_utf8("ascii, \xC3\xA9, \xE2\x82\xAC, \xF0\x9F\x98\x80"));
  const auto bad = GENERATE(values<const char*>(
      {"\x80", "\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF"}));
  CHECK_FALSE(is_utf8(bad));
}

TEST_CASE("a number is digits only and bounded") {
  CHECK(parse_number("0", 10) == 0);
  CHECK(parse_number("18446744073709551615", UINT64_MAX) == UINT64_MAX);
  const auto bad = GENERATE(
      values<const char*>({"", "11", "-1", "+1", " 1", "1 ", "0x1", "18446744073709551616"}));
  CHECK_FALSE(parse_number(bad, 10).has_value());
}

TEST_CASE("splitting keeps empty parts") {
  CHECK(split("", ',') == std::vector<std::string_view>{""});
  CHECK(split("a,,b,", ',') == std::vector<std::string_view>{"a", "", "b", ""});
}

TEST_CASE("a long list says how much more there is") {
  const std::vector<std::string> texts{"a", "b", "c"};
  CHECK(join_some({}, 2, ", ").empty());
  CHECK(join_some(texts, 3, ", ") == "a, b, c");
  CHECK(join_some(texts, 2, "; ") == "a; b and 1 more");
  CHECK(join_some(texts, 0, ", ") == " and 3 more");
}

TEST_CASE("edit distance counts single-character changes up to its limit") {
  CHECK(edit_distance("baseos-9.8", "baseos-9.8", 3) == 0);
  CHECK(edit_distance("baseos-9.8", "base-9.8", 3) == 2);
  CHECK(edit_distance("kitten", "sitting", 3) == 3);
  CHECK(edit_distance("kitten", "sitting", 2) == 3);
  CHECK(edit_distance("", "abcdefgh", 3) == 4);
}

TEST_CASE("hexadecimal reads back and refuses what it is not") {
  CHECK(from_hex(to_hex(std::string("\x00\xFFz", 3))) == std::string("\x00\xFFz", 3));
  CHECK(from_hex("AbCd") == "\xAB\xCD");
  CHECK_FALSE(from_hex("abc").has_value());
  CHECK_FALSE(from_hex("0g").has_value());
}
