// The table of announced prefixes in rows of some thousand prefixes each: DESIGN.md says why.
// Private to this library.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "common/net/asn_prefix.h"

namespace mirrorway::catalog {

// One row: all prefixes whose address is in an IPv4 /8 or IPv6 /16, whatever their length.
struct AsnBlock {
  net::Prefix block;
  std::string prefixes;  // "CIDR ASN" lines, ascending
};

// `rows` must be strictly ascending by prefix. The blocks come in that order, too.
void for_each_block(std::span<const net::AsnPrefix> rows,
                    const std::function<void(const AsnBlock&)>& handle);

// Throws base::Error for lines that for_each_block never makes.
void for_each_asn_in(const AsnBlock& block,
                     const std::function<void(const net::AsnPrefix&)>& handle);

}  // namespace mirrorway::catalog
