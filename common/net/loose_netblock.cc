#include "common/net/loose_netblock.h"

#include <optional>

#include "common/base/text.h"

namespace mirrorway::net {
namespace {

// The number of leading ones; nullopt when there is a one after a zero.
std::optional<unsigned> length_of_mask(const Address& mask) {
  unsigned length = 0;
  while (length < mask.bits() && mask.masked(length) != mask) ++length;
  std::string ones(mask.bytes().size(), '\xFF');
  const auto expected = Address::from_bytes(ones)->masked(length);
  return mask == expected ? std::optional(length) : std::nullopt;
}

std::optional<unsigned> parse_length(std::string_view text, const Address& address) {
  if (const auto length = base::parse_number(text, address.bits()))
    return static_cast<unsigned>(*length);
  const auto mask = Address::parse(text);
  if (!mask || mask->family() != address.family()) return std::nullopt;
  return length_of_mask(*mask);
}

}  // namespace

base::Parsed<LooseNetblock> parse_loose_netblock(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = Address::parse(text.substr(0, slash));
  if (!address) return address.refusal();
  const auto length = slash == std::string_view::npos
                          ? std::optional(address->bits())
                          : parse_length(text.substr(slash + 1), *address);
  if (!length)
    return base::refuse("\"{}\" has neither length nor netmask", base::printable(text, 60));
  const Address masked = address->masked(*length);
  return LooseNetblock{*Prefix::make(masked, *length), masked != *address};
}

}  // namespace mirrorway::net
