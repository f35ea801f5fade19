#include "common/net/socket_address.h"

#include <netinet/in.h>

#include <cstring>

namespace mirrorway::net {

SocketAddress::SocketAddress(const Address& address, std::uint16_t port) {
  const std::string_view bytes = address.bytes();
  if (address.family() == Family::kIpv4) {
    sockaddr_in ipv4{};
    ipv4.sin_family = AF_INET;
    ipv4.sin_port = htons(port);
    std::memcpy(&ipv4.sin_addr, bytes.data(), bytes.size());
    std::memcpy(&storage_, &ipv4, sizeof ipv4);
    length_ = sizeof ipv4;
  } else {
    sockaddr_in6 ipv6{};
    ipv6.sin6_family = AF_INET6;
    ipv6.sin6_port = htons(port);
    std::memcpy(&ipv6.sin6_addr, bytes.data(), bytes.size());
    std::memcpy(&storage_, &ipv6, sizeof ipv6);
    length_ = sizeof ipv6;
  }
}

std::optional<Address> SocketAddress::address() const {
  const auto make = [](const auto& in) {
    return Address::from_bytes({reinterpret_cast<const char*>(&in), sizeof in});
  };
  if (storage_.ss_family == AF_INET)
    return make(reinterpret_cast<const sockaddr_in&>(storage_).sin_addr);
  if (storage_.ss_family == AF_INET6)
    return make(reinterpret_cast<const sockaddr_in6&>(storage_).sin6_addr);
  return std::nullopt;
}

std::uint16_t SocketAddress::port() const {
  if (storage_.ss_family == AF_INET)
    return ntohs(reinterpret_cast<const sockaddr_in&>(storage_).sin_port);
  if (storage_.ss_family == AF_INET6)
    return ntohs(reinterpret_cast<const sockaddr_in6&>(storage_).sin6_port);
  return 0;
}

}  // namespace mirrorway::net
