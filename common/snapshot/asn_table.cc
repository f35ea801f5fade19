#include "common/snapshot/asn_table.h"

#include <algorithm>
#include <string>

#include "common/base/error.h"

namespace mirrorway::snapshot {
namespace {

net::Address address_of(std::uint64_t number, net::Family family) {
  const std::size_t significant = family == net::Family::kIpv4 ? 4 : 8;
  std::string bytes(family == net::Family::kIpv4 ? 4 : 16, '\0');
  for (std::size_t i = 0; i < significant; ++i)
    bytes[i] = static_cast<char>(number >> (8 * (significant - 1 - i)));
  return *net::Address::from_bytes(bytes);
}

void append(const AsnPrefix& row, std::uint64_t& last, proto::AsnColumns& columns) {
  const std::uint64_t number = leading_number(row.prefix.address());
  columns.add_address_steps(number - last);
  columns.mutable_lengths()->push_back(static_cast<char>(row.prefix.length()));
  columns.add_asns(row.asn);
  last = number;
}

void decode(const proto::AsnColumns& columns, net::Family family,
            const std::function<void(const AsnRow&)>& visit) {
  const int count = columns.asns_size();
  if (columns.address_steps_size() != count ||
      columns.lengths().size() != static_cast<std::size_t>(count))
    throw base::Error("broken rule: the columns of the ASN table are of different lengths");
  const unsigned bits = family == net::Family::kIpv4 ? 32 : kMaxAsnIpv6Length;
  const std::uint64_t most = family == net::Family::kIpv4 ? UINT32_MAX : UINT64_MAX;
  AsnRow row{family, 0, 0, 0};
  for (int i = 0; i < count; ++i) {
    const std::uint64_t step = columns.address_steps(i);
    const auto length = static_cast<unsigned char>(columns.lengths()[static_cast<std::size_t>(i)]);
    if (step > most - row.number)
      throw base::Error("broken rule: address past the last one in the ASN table");
    if (i > 0 && step == 0 && length <= row.length)
      throw base::Error("broken rule: the ASN table is out of order at row {}", i);
    row = {family, length, columns.asns(i), row.number + step};
    const bool has_bits_past_length = length < bits && (row.number & (most >> length)) != 0;
    if (length > bits || row.asn == 0 || has_bits_past_length)
      throw base::Error("broken rule: row {} of the ASN table", i);
    visit(row);
  }
}

}  // namespace

std::uint64_t leading_number(const net::Address& address) {
  std::uint64_t number = 0;
  for (const char byte : address.bytes().substr(0, 8))
    number = number << 8U | static_cast<unsigned char>(byte);
  return number;
}

proto::AsnTable encode_asn_table(std::vector<AsnPrefix> rows) {
  std::stable_sort(rows.begin(), rows.end(),
                   [](const AsnPrefix& a, const AsnPrefix& b) { return a.prefix < b.prefix; });
  proto::AsnTable table;
  std::uint64_t last_ipv4 = 0;
  std::uint64_t last_ipv6 = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const AsnPrefix& row = rows[i];
    if (row.asn == 0 || (i + 1 < rows.size() && rows[i + 1].prefix == row.prefix)) continue;
    if (row.prefix.address().family() == net::Family::kIpv4) {
      append(row, last_ipv4, *table.mutable_ipv4());
    } else if (row.prefix.length() <= kMaxAsnIpv6Length) {
      append(row, last_ipv6, *table.mutable_ipv6());
    }
  }
  return table;
}

void for_each_asn_row(const proto::AsnTable& table,
                      const std::function<void(const AsnRow&)>& visit) {
  decode(table.ipv4(), net::Family::kIpv4, visit);
  decode(table.ipv6(), net::Family::kIpv6, visit);
}

std::vector<AsnPrefix> decode_asn_table(const proto::AsnTable& table) {
  std::vector<AsnPrefix> rows;
  for_each_asn_row(table, [&](const AsnRow& row) {
    rows.push_back({*net::Prefix::make(address_of(row.number, row.family), row.length), row.asn});
  });
  return rows;
}

}  // namespace mirrorway::snapshot
