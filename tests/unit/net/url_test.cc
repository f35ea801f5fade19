#include "common/net/url.h"

#include <catch2/catch.hpp>

using namespace mirrorway::net;

TEST_CASE("base URLs have one spelling") {
  struct Row {
    const char* text;
    const char* expected;
  };
  const auto row = GENERATE(values<Row>({
      {"http://mirror.example", "http://mirror.example"},
      {"HTTPS://Mirror.Example:443/Pub//", "https://mirror.example/Pub"},
      {"http://mirror.example:8080/a/", "http://mirror.example:8080/a"},
      {"http://mirror.example:/a", "http://mirror.example/a"},
      {"http://[2001:DB8::1]:8080/a", "http://[2001:db8::1]:8080/a"},
      {"http://[2001:db8::1]/a", "http://[2001:db8::1]/a"},
      {"rsync://mirror.example/module/", "rsync://mirror.example/module"},
      {"ftp://mirror.example/~a/%20b", "ftp://mirror.example/~a/%20b"},
  }));
  const auto parsed = parse_base_url(row.text);
  CAPTURE(row.text, parsed.reason());
  REQUIRE(parsed);
  CHECK(*parsed == row.expected);
}

TEST_CASE("what no package manager could append a path to is refused") {
  struct Row {
    std::string text;
    const char* reason;
  };
  const auto row = GENERATE(values<Row>({
      {"", "does not start with"},
      {"mirror.example/pub", "does not start with"},
      {"gopher://mirror.example", "does not start with"},
      {"http:///pub", "is no host name"},
      {"http://a..b/", "is no host name"},
      {"http://user@mirror.example/", "user name"},
      {"http://mirror.example:0/", "is no port"},
      {"http://mirror.example:65536/", "is no port"},
      {"http://mirror.example/a b", "a character that no mirror URL may hold"},
      {"http://mirror.example/?q", "a character that no mirror URL may hold"},
      {"http://mirror.example/#f", "a character that no mirror URL may hold"},
      {"http://mirror.example/\r\nX: y", "a character that no mirror URL may hold"},
      {"http://mirror.example/\xC3\xA9", "a character that no mirror URL may hold"},
      {"http://mirror.example/%zz", "% without two hexadecimal digits"},
      {"http://[::1/", "is no host name"},
      {"http://mirror.example/" + std::string(3000, 'a'), "bytes; at most"},
  }));
  const auto parsed = parse_base_url(row.text);
  CAPTURE(row.text);
  REQUIRE_FALSE(parsed);
  CHECK_THAT(parsed.reason(), Catch::Contains(row.reason));
}

TEST_CASE("any bytes survive being encoded into a path and decoded") {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  CHECK(*decode_percent(encode_path(all)) == all);
  CHECK(encode_path("a b%#?+\"é/~x") == "a%20b%25%23%3F+%22%C3%A9/~x");
}

TEST_CASE("percent-encoding that is cut or no number is refused") {
  const auto bad = GENERATE(values<const char*>({"%", "%4", "a%g1", "%%41"}));
  CHECK_FALSE(decode_percent(bad));
}

TEST_CASE("schemes are told apart by either case") {
  CHECK(find_scheme("HTTPS") == Scheme::kHttps);
  CHECK_FALSE(find_scheme("gopher").has_value());
  CHECK(scheme_of("rsync://x") == Scheme::kRsync);
  CHECK_FALSE(scheme_of("rsync:x").has_value());
}

TEST_CASE("the host of a URL is what stands before port and path") {
  CHECK(host_part("http://a.example:8080/pub") == "a.example");
  CHECK(host_part("https://a.example") == "a.example");
  CHECK(host_part("ftp://[2001:db8::1]/") == "[2001:db8::1]");
  CHECK(host_part("ftp://[2001:db8::1]:2121") == "[2001:db8::1]");
}
