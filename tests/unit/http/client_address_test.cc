#include "common/http/client_address.h"

#include <vector>

#include <catch2/catch.hpp>

#include "common/base/text.h"

using namespace mirrorway;
using namespace mirrorway::http;

namespace {

std::vector<net::Prefix> proxies() {
  return {*net::Prefix::parse("127.0.0.0/8"), *net::Prefix::parse("10.0.0.0/8"),
          *net::Prefix::parse("::1")};
}

// `headers`: the values of the X-Forwarded-For headers, separated by ';'; "" for none.
std::string client(const char* peer, std::string_view headers) {
  std::vector<std::string_view> forwarded;
  if (!headers.empty()) forwarded = base::split(headers, ';');
  return find_client_address(*net::Address::parse(peer), forwarded, proxies()).text();
}

}  // namespace

TEST_CASE("the client is the last address that is no trusted proxy") {
  struct Row {
    const char* what;
    const char* peer;
    const char* headers;
    const char* expected;
  };
  const auto row = GENERATE(values<Row>({
      {"no header", "192.0.2.1", "", "192.0.2.1"},
      {"a peer that is not trusted is not believed", "192.0.2.1", "198.51.100.1", "192.0.2.1"},
      {"a trusted peer is", "127.0.0.1", "198.51.100.1", "198.51.100.1"},
      {"over IPv6 as well", "::1", "2001:db8::1", "2001:db8::1"},
      {"as a mapped address as well", "::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1"},
      {"what the client itself sent comes first", "127.0.0.1", "8.8.8.8, 198.51.100.1",
       "198.51.100.1"},
      {"proxies in a row", "127.0.0.1", "8.8.8.8, 198.51.100.1, 10.1.1.1,10.2.2.2", "198.51.100.1"},
      {"several headers are one list", "127.0.0.1", "8.8.8.8;198.51.100.1;10.1.1.1",
       "198.51.100.1"},
      {"all of them proxies", "127.0.0.1", "10.3.3.3, 10.1.1.1", "10.3.3.3"},
      {"a trusted proxy that says nothing", "127.0.0.1", "", "127.0.0.1"},
      {"no address", "127.0.0.1", "unknown", "127.0.0.1"},
      {"nothing is believed left of what is no address", "127.0.0.1", "8.8.8.8, unknown, 10.1.1.1",
       "10.1.1.1"},
      {"an empty element", "127.0.0.1", "198.51.100.1,", "127.0.0.1"},
      {"with a port", "127.0.0.1", "198.51.100.1:4711", "198.51.100.1"},
      {"in brackets with a port", "127.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"},
      {"in brackets", "127.0.0.1", "[2001:db8::1]", "2001:db8::1"},
      {"a proxy seen as a mapped address", "127.0.0.1", "198.51.100.1, ::ffff:10.1.1.1",
       "198.51.100.1"},
      {"6to4 of a proxy's address is no proxy", "127.0.0.1", "8.8.8.8, 2002:a01:101::1",
       "2002:a01:101::1"},
      {"6to4 peer of a proxy's address is no proxy", "2002:7f00:1::1", "8.8.8.8", "2002:7f00:1::1"},
  }));
  CAPTURE(row.what);
  CHECK(client(row.peer, row.headers) == row.expected);
}

TEST_CASE("elements that are no address are refused") {
  const auto* const text =
      GENERATE("", " ", "unknown", "_hidden", "1.2.3.4:", "1.2.3.4:x", "1.2.3.4:65536", "[::1",
               "[::1]x", "[::1]:", "[", "[]", "]", ":", "1.2.3.4 5.6.7.8", "\"1.2.3.4\"");
  CAPTURE(text);
  const auto parsed = parse_forwarded_element(text);
  REQUIRE_FALSE(parsed);
  CHECK_FALSE(parsed.reason().empty());
}
