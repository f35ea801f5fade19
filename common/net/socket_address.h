// Addresses as the system's socket calls have them.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>

#include "common/net/address.h"

namespace mirrorway::net {

class SocketAddress {
 public:
  // Room for one of any family, which accept(2) and the like fill.
  SocketAddress() = default;
  explicit SocketAddress(const Address& address, std::uint16_t port = 0);

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage_); }
  socklen_t length() const { return length_; }
  socklen_t* room() { return &length_; }  // for the call that fills it

  // nullopt when it is of another family than IPv4 and IPv6.
  std::optional<Address> address() const;
  // 0 then.
  std::uint16_t port() const;

 private:
  sockaddr_storage storage_{};
  socklen_t length_ = sizeof storage_;
};

}  // namespace mirrorway::net
