#include "common/net/socket_address.h"

#include <catch2/catch.hpp>

namespace mirrorway::net {
namespace {

TEST_CASE("a socket address gives back what it was made of") {
  struct Row {
    const char* address;
    int family;
  };
  constexpr Row kRows[] = {{"192.0.2.7", AF_INET}, {"2001:db8::7", AF_INET6}, {"::", AF_INET6}};
  for (const Row& row : kRows) {
    INFO(row.address);
    const Address address = *Address::parse(row.address);
    const SocketAddress made(address, 8080);
    CHECK(made.get()->sa_family == row.family);
    CHECK(made.address() == address);
    CHECK(made.port() == 8080);
  }
}

TEST_CASE("a socket address of another family has neither address nor port") {
  SocketAddress other;
  other.get()->sa_family = AF_UNIX;
  CHECK_FALSE(other.address());
  CHECK(other.port() == 0);
}

}  // namespace
}  // namespace mirrorway::net
