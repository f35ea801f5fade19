// Which autonomous system announces a netblock.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/net/address.h"

namespace mirrorway::net {

struct AsnPrefix {
  Prefix prefix;
  std::uint32_t asn = 0;

  // "192.0.2.0/24 64496", with blanks or tabs between. 0 is a number here, though no AS has it.
  static base::Parsed<AsnPrefix> parse(std::string_view line);
  std::string text() const;

  friend bool operator==(const AsnPrefix&, const AsnPrefix&) = default;
};

}  // namespace mirrorway::net
