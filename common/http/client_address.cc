#include "common/http/client_address.h"

#include <algorithm>
#include <vector>

#include "common/base/text.h"

namespace mirrorway::http {
namespace {

// A socket that accepts both families reports IPv4 peers so.
net::Address unmapped(const net::Address& address) {
  static const net::Prefix kMapped = *net::Prefix::parse("::ffff:0:0/96");
  return kMapped.contains(address) ? address.unwrapped() : address;
}

bool is_port(std::string_view text) {
  return base::parse_number(text, UINT16_MAX).has_value();
}

}  // namespace

base::Parsed<net::Address> parse_forwarded_element(std::string_view text) {
  std::string_view host = base::trim(text);
  std::string_view port;
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    port = host.substr(std::min(end, host.size() - 1) + 1);
    if (end == std::string_view::npos || (!port.empty() && !port.starts_with(':')))
      return base::refuse("\"{}\" is no address", base::printable(text));
    host = host.substr(1, end - 1);
  } else if (std::count(host.begin(), host.end(), ':') == 1) {
    port = host.substr(host.find(':'));
    host = host.substr(0, host.find(':'));
  }
  if (!port.empty() && !is_port(port.substr(1)))
    return base::refuse("\"{}\" ends with no port", base::printable(text));
  auto address = net::Address::parse(host);
  if (!address) return address;
  return unmapped(*address);
}

net::Address find_client_address(const net::Address& peer,
                                 std::span<const std::string_view> forwarded,
                                 std::span<const net::Prefix> trusted_proxies) {
  const auto is_trusted = [&](const net::Address& address) {
    return std::any_of(trusted_proxies.begin(), trusted_proxies.end(),
                       [&](const net::Prefix& prefix) { return prefix.contains(address); });
  };
  std::vector<std::string_view> elements;
  for (const std::string_view header : forwarded) {
    const auto more = base::split(header, ',');
    elements.insert(elements.end(), more.begin(), more.end());
  }
  net::Address client = unmapped(peer);
  while (is_trusted(client) && !elements.empty()) {
    const auto address = parse_forwarded_element(elements.back());
    if (!address) break;
    client = *address;
    elements.pop_back();
  }
  return client;
}

}  // namespace mirrorway::http
