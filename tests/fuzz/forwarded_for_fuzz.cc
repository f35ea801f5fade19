// X-Forwarded-For comes from anyone. One header per line of the input.

#include <cstdint>
#include <string_view>
#include <vector>

#include "common/base/error.h"
#include "common/base/text.h"
#include "common/http/client_address.h"

using namespace mirrorway;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto headers =
      base::split(std::string_view(reinterpret_cast<const char*>(data), size), '\n');
  const std::vector<net::Prefix> proxies{*net::Prefix::parse("127.0.0.0/8"),
                                         *net::Prefix::parse("::1")};
  const auto stranger = *net::Address::parse("192.0.2.1");
  MIRRORWAY_ASSERT(http::find_client_address(stranger, headers, proxies) == stranger);
  // A proxy's address, or one that the header holds.
  const auto proxy = *net::Address::parse("127.0.0.1");
  const auto client = http::find_client_address(proxy, headers, proxies);
  bool is_named = client == proxy;
  for (const std::string_view header : headers) {
    for (const std::string_view element : base::split(header, ',')) {
      const auto address = http::parse_forwarded_element(element);
      is_named = is_named || (address && *address == client);
    }
  }
  MIRRORWAY_ASSERT(is_named);
  return 0;
}
