#include "common/net/unix_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <catch2/catch.hpp>

#include "common/base/error.h"
#include "tests/support/temporary_folder.h"

using namespace mirrorway;

TEST_CASE("only one who may not wait gets a socket that does not block") {
  const tests::TemporaryFolder folder;
  const auto path = folder.path() / "socket";
  const base::Fd listener = net::listen_unix(path);
  const auto does_not_block = [](const base::Fd& socket) {
    return (::fcntl(socket.get(), F_GETFL) & O_NONBLOCK) != 0;
  };
  CHECK_FALSE(does_not_block(net::connect_unix(path)));
  CHECK(does_not_block(net::connect_unix(path, net::Blocking::kNo)));
}

TEST_CASE("a path where nobody listens, or that is too long, is named") {
  const tests::TemporaryFolder folder;
  const auto path = folder.path() / "socket";
  CHECK_THROWS_WITH(net::connect_unix(path),
                    Catch::StartsWith("connecting to " + path.string() + ": "));
  CHECK_THROWS_WITH(net::connect_unix(std::string(108, 'a')),
                    Catch::Contains("aaa has 108 bytes; the system allows 107"));
}

TEST_CASE("a socket says where it listens, whoever made it") {
  const tests::TemporaryFolder folder;
  const auto ours = folder.path() / "ours.sock";
  CHECK(net::path_of(net::listen_unix(ours)) == ours.string());
  const auto passed = folder.path() / "passed~.sock.2";
  const base::Fd other(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{AF_UNIX, {}};
  passed.string().copy(address.sun_path, sizeof address.sun_path - 1);
  CHECK(net::path_of(other).empty());
  REQUIRE(::bind(other.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  CHECK(net::path_of(other) == passed.string());
}
