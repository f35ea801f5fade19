#include "mirrorlist_client/listen_address.h"

#include <catch2/catch.hpp>

#include "common/base/error.h"

using namespace mirrorway;
using namespace mirrorway::mirrorlist_client;

TEST_CASE("addresses to listen on are read and written") {
  const auto* const text =
      GENERATE("127.0.0.1:8080", "0.0.0.0:0", "[::1]:8080", "[2001:db8::1]:65535");
  CHECK(parse_listen_address(text)->text() == text);
}

TEST_CASE("what is no address to listen on is refused with the reason") {
  struct Row {
    const char* text;
    const char* reason;
  };
  const auto row = GENERATE(values<Row>({{"", "is no ADDRESS:PORT"},
                                         {"8080", "is no ADDRESS:PORT"},
                                         {"127.0.0.1:", "does not end with a port"},
                                         {"127.0.0.1:65536", "does not end with a port"},
                                         {"127.0.0.1:http", "does not end with a port"},
                                         {":8080", "is no IPv4 or IPv6 address"},
                                         {"localhost:8080", "is no IPv4 or IPv6 address"},
                                         {"::1:8080", "is put in brackets"},
                                         {"[127.0.0.1]:8080", "is put in brackets"},
                                         {"[::1:8080", "is no IPv4 or IPv6 address"}}));
  CAPTURE(row.text);
  const auto parsed = parse_listen_address(row.text);
  REQUIRE_FALSE(parsed);
  CHECK_THAT(parsed.reason(), Catch::Contains(row.reason));
}

TEST_CASE("an address can be shared by workers but not with another program") {
  const auto any = *parse_listen_address("127.0.0.1:0");
  const base::Fd first = listen_shared(any);
  const ListenAddress address = listening_at(first);
  CHECK(address.port != 0);
  CHECK_NOTHROW(listen_shared(address));
  CHECK_THROWS_WITH(check_free(address), Catch::Contains("listening on " + address.text()) &&
                                             Catch::Contains("Address already in use"));
}
