#include "common/net/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "common/base/text.h"

namespace mirrorway::net {
namespace {

constexpr std::size_t kIpv4Bytes = 4;
constexpr std::size_t kIpv6Bytes = 16;
constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr std::array<std::uint8_t, 2> k6to4Prefix{0x20, 0x02};
constexpr std::array<std::uint8_t, 4> kTeredoPrefix{0x20, 0x01, 0, 0};

template <std::size_t N>
bool starts_with(const std::array<std::uint8_t, kIpv6Bytes>& bytes,
                 const std::array<std::uint8_t, N>& prefix) {
  return std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

}  // namespace

base::Parsed<Address> Address::parse(std::string_view text) {
  // inet_pton wants a terminated string and would stop at a NUL inside.
  if (text.size() < INET6_ADDRSTRLEN && text.find('\0') == std::string_view::npos) {
    const std::string terminated(text);
    Address address;
    if (::inet_pton(AF_INET, terminated.c_str(), address.bytes_.data()) == 1) return address;
    address.family_ = Family::kIpv6;
    if (::inet_pton(AF_INET6, terminated.c_str(), address.bytes_.data()) == 1) return address;
  }
  return base::refuse("\"{}\" is no IPv4 or IPv6 address", base::printable(text, 60));
}

std::optional<Address> Address::from_bytes(std::string_view bytes) {
  if (bytes.size() != kIpv4Bytes && bytes.size() != kIpv6Bytes) return std::nullopt;
  Address address;
  address.family_ = bytes.size() == kIpv4Bytes ? Family::kIpv4 : Family::kIpv6;
  std::memcpy(address.bytes_.data(), bytes.data(), bytes.size());
  return address;
}

Address Address::ipv4(const std::uint8_t* four_bytes) {
  Address address;
  std::memcpy(address.bytes_.data(), four_bytes, kIpv4Bytes);
  return address;
}

std::string_view Address::bytes() const {
  return {reinterpret_cast<const char*>(bytes_.data()),
          family_ == Family::kIpv4 ? kIpv4Bytes : kIpv6Bytes};
}

std::string Address::text() const {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  const int family = family_ == Family::kIpv4 ? AF_INET : AF_INET6;
  MIRRORWAY_ASSERT(::inet_ntop(family, bytes_.data(), buffer.data(), buffer.size()) != nullptr);
  return buffer.data();
}

Address Address::unwrapped() const {
  if (family_ == Family::kIpv4) return *this;
  if (starts_with(bytes_, kMappedPrefix)) return ipv4(&bytes_[12]);
  if (starts_with(bytes_, k6to4Prefix)) return ipv4(&bytes_[2]);
  if (starts_with(bytes_, kTeredoPrefix)) {
    std::array<std::uint8_t, kIpv4Bytes> client{};
    std::transform(bytes_.begin() + 12, bytes_.end(), client.begin(),
                   [](std::uint8_t byte) { return static_cast<std::uint8_t>(~byte); });
    return ipv4(client.data());
  }
  return *this;
}

Address Address::masked(unsigned length) const {
  Address result = *this;
  for (unsigned i = 0; i < bits() / 8; ++i) {
    const unsigned kept = length > i * 8 ? std::min(length - i * 8, 8U) : 0;
    result.bytes_[i] = static_cast<std::uint8_t>(result.bytes_[i] & (0xFF00U >> kept));
  }
  return result;
}

base::Parsed<Prefix> Prefix::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = Address::parse(text.substr(0, slash));
  if (!address) return address.refusal();
  if (slash == std::string_view::npos) return Prefix(*address, address->bits());
  const auto length = base::parse_number(text.substr(slash + 1), address->bits());
  if (!length)
    return base::refuse("\"{}\" has no prefix length from 0 to {}", base::printable(text, 60),
                        address->bits());
  const auto bits = static_cast<unsigned>(*length);
  const Prefix prefix(address->masked(bits), bits);
  if (prefix.address() != *address)
    return base::refuse("\"{}\" has bits set past its length; is {} meant?",
                        base::printable(text, 60), prefix.text());
  return prefix;
}

std::optional<Prefix> Prefix::make(const Address& address, unsigned length) {
  if (length > address.bits() || address.masked(length) != address) return std::nullopt;
  return Prefix(address, length);
}

bool Prefix::contains(const Address& address) const {
  return address.family() == address_.family() && address.masked(length_) == address_;
}

std::string Prefix::text() const {
  return fmt::format("{}/{}", address_.text(), length_);
}

}  // namespace mirrorway::net
