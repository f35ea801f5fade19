// Where to accept HTTP.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/fd.h"
#include "common/base/parsed.h"
#include "common/net/address.h"

namespace mirrorway::mirrorlist_client {

struct ListenAddress {
  net::Address address;
  std::uint16_t port;  // 0: the system chooses

  std::string text() const;
  bool operator==(const ListenAddress&) const = default;
};

// "127.0.0.1:8080" or "[::1]:8080".
base::Parsed<ListenAddress> parse_listen_address(std::string_view text);

// Throws base::IoError when somebody listens there already or the address is none of this
// machine's. With SO_REUSEPORT alone, a second front end would silently get half the clients.
void check_free(const ListenAddress& address);

// A listening, non-blocking socket that nobody shares. Throws base::IoError.
base::Fd listen_alone(const ListenAddress& address);

// A listening, non-blocking socket that shares its address with others made so; the kernel spreads
// the clients over them. "[::]" does not include IPv4. Throws base::IoError.
base::Fd listen_shared(const ListenAddress& address);

// Where a TCP socket listens. Throws base::Error when it is none, base::IoError.
ListenAddress listening_at(const base::Fd& socket);

}  // namespace mirrorway::mirrorlist_client
