// IP addresses and netblocks.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/parsed.h"

namespace mirrorway::net {

enum class Family : std::uint8_t { kIpv4, kIpv6 };

// Ordered by family, then numerically.
class Address {
 public:
  // 0.0.0.0
  Address() = default;

  // Dotted quad or RFC 4291 text; no zone, no port, no brackets, no leading zeros.
  static base::Parsed<Address> parse(std::string_view text);
  // 4 or 16 bytes in network order; nullopt for any other length.
  static std::optional<Address> from_bytes(std::string_view bytes);

  Family family() const { return family_; }
  unsigned bits() const { return family_ == Family::kIpv4 ? 32 : 128; }
  // Network order; 4 or 16 bytes, valid as long as this object.
  std::string_view bytes() const;
  // RFC 5952 form.
  std::string text() const;

  // The IPv4 address inside an IPv4-mapped (::ffff:0:0/96), 6to4 (2002::/16, RFC 3056) or Teredo
  // (2001::/32, RFC 4380: the client's, stored inverted) address; otherwise the address itself.
  Address unwrapped() const;

  // With every bit past `length` cleared.
  Address masked(unsigned length) const;

  friend auto operator<=>(const Address&, const Address&) = default;

 private:
  static Address ipv4(const std::uint8_t* four_bytes);

  Family family_ = Family::kIpv4;
  std::array<std::uint8_t, 16> bytes_{};  // an IPv4 address is in the first four, the rest is zero
};

// A netblock: all addresses that share the first length() bits. Ordered by address, then length, so
// that a netblock comes directly before those inside it.
class Prefix {
 public:
  // 0.0.0.0/0
  Prefix() = default;

  // "192.0.2.0/24", or an address alone for the full length. Bits past the length must be zero: the
  // reason for refusing them names the netblock that was probably meant.
  static base::Parsed<Prefix> parse(std::string_view text);
  // nullopt for bits past the length or a length that the family does not have.
  static std::optional<Prefix> make(const Address& address, unsigned length);

  const Address& address() const { return address_; }
  unsigned length() const { return length_; }
  bool contains(const Address& address) const;
  std::string text() const;

  friend auto operator<=>(const Prefix&, const Prefix&) = default;

 private:
  Prefix(const Address& address, unsigned length)
      : address_(address), length_(static_cast<std::uint8_t>(length)) {}

  Address address_;
  std::uint8_t length_ = 0;
};

}  // namespace mirrorway::net
