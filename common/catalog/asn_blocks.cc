#include "common/catalog/asn_blocks.h"

#include <algorithm>

#include "common/base/error.h"

namespace mirrorway::catalog {
namespace {

net::Prefix block_of(const net::Prefix& prefix) {
  constexpr unsigned kIpv4Length = 8;
  constexpr unsigned kIpv6Length = 16;
  const net::Address& address = prefix.address();
  const unsigned length = address.family() == net::Family::kIpv4 ? kIpv4Length : kIpv6Length;
  return *net::Prefix::make(address.masked(length), length);
}

}  // namespace

void for_each_block(std::span<const net::AsnPrefix> rows,
                    const std::function<void(const AsnBlock&)>& handle) {
  AsnBlock block;
  for (const net::AsnPrefix& row : rows) {
    if (!block.prefixes.empty() && !block.block.contains(row.prefix.address())) {
      handle(block);
      block.prefixes.clear();
    }
    if (block.prefixes.empty()) block.block = block_of(row.prefix);
    block.prefixes.append(row.text()).append("\n");
  }
  if (!block.prefixes.empty()) handle(block);
}

void for_each_asn_in(const AsnBlock& block,
                     const std::function<void(const net::AsnPrefix&)>& handle) {
  std::string_view rest = block.prefixes;
  std::optional<net::Prefix> last;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const auto row = net::AsnPrefix::parse(rest.substr(0, end));
    if (!row) throw base::Error("the catalog's ASNs of {}: {}", block.block.text(), row.reason());
    if (!block.block.contains(row->prefix.address()) || (last && !(*last < row->prefix)))
      throw base::Error("the catalog's ASNs of {}: {} is out of order", block.block.text(),
                        row->prefix.text());
    handle(*row);
    last = row->prefix;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

}  // namespace mirrorway::catalog
