#include "mirrorlist_client/listen_address.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

#include "common/base/error.h"
#include "common/base/text.h"
#include "common/net/socket_address.h"

namespace mirrorway::mirrorlist_client {
namespace {

enum class Sharing : bool { kNone, kWithOthers };

base::Fd bind_to(const ListenAddress& where, Sharing sharing) {
  const net::SocketAddress address(where.address, where.port);
  const int family = address.get()->sa_family;
  base::Fd socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) throw base::IoError(errno, "making a socket");
  const int on = 1;
  const auto set = [&](int level, int option) {
    if (::setsockopt(socket.get(), level, option, &on, sizeof on) != 0)
      throw base::IoError(errno, "preparing to listen on {}", where.text());
  };
  set(SOL_SOCKET, SO_REUSEADDR);
  if (sharing == Sharing::kWithOthers) set(SOL_SOCKET, SO_REUSEPORT);
  if (family == AF_INET6) set(IPPROTO_IPV6, IPV6_V6ONLY);
  if (::bind(socket.get(), address.get(), address.length()) != 0)
    throw base::IoError(errno, "listening on {}", where.text());
  return socket;
}

base::Fd listen_on(const ListenAddress& address, Sharing sharing) {
  base::Fd socket = bind_to(address, sharing);
  if (::listen(socket.get(), SOMAXCONN) != 0)
    throw base::IoError(errno, "listening on {}", address.text());
  return socket;
}

}  // namespace

std::string ListenAddress::text() const {
  return address.family() == net::Family::kIpv4 ? fmt::format("{}:{}", address.text(), port)
                                                : fmt::format("[{}]:{}", address.text(), port);
}

base::Parsed<ListenAddress> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return base::refuse("\"{}\" is no ADDRESS:PORT", base::printable(text));
  const auto port = base::parse_number(text.substr(colon + 1), UINT16_MAX);
  if (!port) return base::refuse("\"{}\" does not end with a port", base::printable(text));
  std::string_view host = text.substr(0, colon);
  const bool has_brackets = host.starts_with('[') && host.ends_with(']');
  if (has_brackets) host = host.substr(1, host.size() - 2);
  const auto address = net::Address::parse(host);
  if (!address) return address.refusal();
  if ((address->family() == net::Family::kIpv6) != has_brackets)
    return base::refuse("\"{}\": an IPv6 address, and only one, is put in brackets",
                        base::printable(text));
  return ListenAddress{*address, static_cast<std::uint16_t>(*port)};
}

void check_free(const ListenAddress& address) {
  bind_to(address, Sharing::kNone);
}

base::Fd listen_alone(const ListenAddress& address) {
  return listen_on(address, Sharing::kNone);
}

base::Fd listen_shared(const ListenAddress& address) {
  return listen_on(address, Sharing::kWithOthers);
}

ListenAddress listening_at(const base::Fd& socket) {
  net::SocketAddress where;
  if (::getsockname(socket.get(), where.get(), where.room()) != 0)
    throw base::IoError(errno, "examining a socket that listens");
  if (const auto address = where.address()) return {*address, where.port()};
  throw base::Error("a socket that was passed is no TCP socket");
}

}  // namespace mirrorway::mirrorlist_client
