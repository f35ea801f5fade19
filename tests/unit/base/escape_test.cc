#include "common/base/escape.h"

#include <catch2/catch.hpp>

using namespace mirrorway::base;

TEST_CASE("text is escaped for XML and HTML") {
  struct Row {
    const char* what;
    std::string text;
    const char* escaped;
  };
  const char* const lost = "\xEF\xBF\xBD";
  const auto row = GENERATE_COPY(values<Row>({
      {"what is harmless stays", "a b+c%#?é€😀", "a b+c%#?é€😀"},
      {"markup and both quotes", "<a href=\"x\">&'", "&lt;a href=&quot;x&quot;&gt;&amp;&#39;"},
      {"white space stays", "a\tb\nc\rd", "a\tb\nc\rd"},
      {"a zero byte", std::string(1, '\0'), lost},
      {"another control character", "\x1B", lost},
      {"delete", "\x7F", lost},
      {"a byte that is no UTF-8", "\xFF", lost},
      {"a sequence that is cut off", "\xC3", lost},
      {"an overlong form", "\xE0\x80\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"a surrogate", "\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"U+FFFF, which XML does not know", "\xEF\xBF\xBF", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
  }));
  CAPTURE(row.what);
  CHECK(xml_escaped(row.text) == row.escaped);
}

TEST_CASE("a comment cannot be ended from inside") {
  CHECK(xml_comment("a-b <x> & c") == "a-b <x> & c");
  CHECK(xml_comment("-->") == "- ->");
  CHECK(xml_comment("----") == "- - - - ");
  CHECK(xml_comment("a-") == "a- ");
}
