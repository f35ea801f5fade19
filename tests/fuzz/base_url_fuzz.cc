// Mirror URLs come from inventories and the command line and go out to every client; paths come
// from query strings.

#include <cstdint>
#include <string_view>

#include "common/net/url.h"

using namespace mirrorway;

namespace {

void check_base_url(std::string_view text) {
  const auto url = net::parse_base_url(text);
  if (!url) {
    MIRRORWAY_ASSERT(!url.reason().empty());
    return;
  }
  MIRRORWAY_ASSERT(*net::parse_base_url(*url) == *url);
  MIRRORWAY_ASSERT(net::scheme_of(*url).has_value());
  MIRRORWAY_ASSERT(url->back() != '/');
  // It becomes one line of an answer: nothing may end the line or start another.
  for (const char c : *url) MIRRORWAY_ASSERT(c > ' ' && c < '\x7F');
}

void check_percent_encoding(std::string_view text) {
  MIRRORWAY_ASSERT(*net::decode_percent(net::encode_path(text)) == text);
  const auto decoded = net::decode_percent(text);
  MIRRORWAY_ASSERT(decoded ? decoded->size() <= text.size() : !decoded.reason().empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_base_url(text);
  check_percent_encoding(text);
  return 0;
}
