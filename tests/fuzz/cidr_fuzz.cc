// Addresses and netblocks come from query strings, headers, inventories and the command line.

#include <cstdint>
#include <string_view>

#include "common/net/address.h"

using mirrorway::net::Address;
using mirrorway::net::Prefix;

namespace {

void check_address(std::string_view text) {
  const auto address = Address::parse(text);
  if (!address) {
    MIRRORWAY_ASSERT(!address.reason().empty());
    return;
  }
  MIRRORWAY_ASSERT(*Address::parse(address->text()) == *address);
  MIRRORWAY_ASSERT(Address::from_bytes(address->bytes()) == *address);
  MIRRORWAY_ASSERT(address->unwrapped().unwrapped().bits() <= address->bits());
  MIRRORWAY_ASSERT(address->masked(address->bits()) == *address);
}

void check_prefix(std::string_view text) {
  const auto prefix = Prefix::parse(text);
  if (!prefix) {
    MIRRORWAY_ASSERT(!prefix.reason().empty());
    return;
  }
  MIRRORWAY_ASSERT(prefix->length() <= prefix->address().bits());
  MIRRORWAY_ASSERT(prefix->contains(prefix->address()));
  MIRRORWAY_ASSERT(*Prefix::parse(prefix->text()) == *prefix);
  MIRRORWAY_ASSERT(Prefix::make(prefix->address(), prefix->length()) == *prefix);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_address(text);
  check_prefix(text);
  return 0;
}
