// The snapshot's table of announced prefixes as rows, to and from its columns.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "common/net/asn_prefix.h"
#include "proto/snapshot.pb.h"

namespace mirrorway::snapshot {

using net::AsnPrefix;

// An IPv4 address, or the upper half of an IPv6 address, as a number.
std::uint64_t leading_number(const net::Address& address);

// No prefix of IPv6 in the table is longer.
inline constexpr unsigned kMaxAsnIpv6Length = 64;

// In any order. IPv6 prefixes longer than that are left out, as are those with ASN 0 (which means
// "not announced"); of rows with one prefix the last one counts.
proto::AsnTable encode_asn_table(std::vector<AsnPrefix> rows);

// A row in the form in which it can be checked and laid out fast.
struct AsnRow {
  net::Family family;
  std::uint8_t length;   // of the prefix
  std::uint32_t asn;     // never 0
  std::uint64_t number;  // leading_number() of the prefix's address
};

// Calls `visit` with every row, IPv4 first, by address, then length; a table of a million rows is
// never whole in memory a second time. Throws base::Error where the columns are no such table: of
// different lengths, out of order, bits past a prefix's length.
void for_each_asn_row(const proto::AsnTable& table,
                      const std::function<void(const AsnRow&)>& visit);

// The same as one list.
std::vector<AsnPrefix> decode_asn_table(const proto::AsnTable& table);

}  // namespace mirrorway::snapshot
