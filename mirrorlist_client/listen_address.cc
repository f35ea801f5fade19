#include "mirrorlist_client/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "common/base/error.h"
#include "common/base/text.h"

namespace mirrorway::mirrorlist_client {
namespace {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

SocketAddress to_socket_address(const ListenAddress& where) {
  SocketAddress result;
  const std::string_view bytes = where.address.bytes();
  if (where.address.family() == net::Family::kIpv4) {
    sockaddr_in ipv4{};
    ipv4.sin_family = AF_INET;
    ipv4.sin_port = htons(where.port);
    std::memcpy(&ipv4.sin_addr, bytes.data(), bytes.size());
    std::memcpy(&result.storage, &ipv4, sizeof ipv4);
    result.length = sizeof ipv4;
  } else {
    sockaddr_in6 ipv6{};
    ipv6.sin6_family = AF_INET6;
    ipv6.sin6_port = htons(where.port);
    std::memcpy(&ipv6.sin6_addr, bytes.data(), bytes.size());
    std::memcpy(&result.storage, &ipv6, sizeof ipv6);
    result.length = sizeof ipv6;
  }
  return result;
}

enum class Sharing : bool { kNone, kWithOthers };

base::Fd bind_to(const ListenAddress& where, Sharing sharing) {
  const SocketAddress address = to_socket_address(where);
  base::Fd socket(
      ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) throw base::IoError(errno, "making a socket");
  const int on = 1;
  const auto set = [&](int level, int option) {
    if (::setsockopt(socket.get(), level, option, &on, sizeof on) != 0)
      throw base::IoError(errno, "preparing to listen on {}", where.text());
  };
  set(SOL_SOCKET, SO_REUSEADDR);
  if (sharing == Sharing::kWithOthers) set(SOL_SOCKET, SO_REUSEPORT);
  if (address.storage.ss_family == AF_INET6) set(IPPROTO_IPV6, IPV6_V6ONLY);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.length) !=
      0)
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
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&storage), &length) != 0)
    throw base::IoError(errno, "examining a socket that listens");
  const auto make = [](const auto& address, in_port_t port) {
    const std::string_view bytes(reinterpret_cast<const char*>(&address), sizeof address);
    return ListenAddress{*net::Address::from_bytes(bytes), ntohs(port)};
  };
  if (storage.ss_family == AF_INET) {
    const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(storage);
    return make(ipv4.sin_addr, ipv4.sin_port);
  }
  if (storage.ss_family == AF_INET6) {
    const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(storage);
    return make(ipv6.sin6_addr, ipv6.sin6_port);
  }
  throw base::Error("a socket that was passed is no TCP socket");
}

}  // namespace mirrorway::mirrorlist_client
