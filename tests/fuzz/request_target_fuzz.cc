// Request targets come from anyone.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <variant>

#include "common/base/error.h"
#include "common/base/text.h"
#include "common/http/lookup.h"
#include "common/net/path.h"
#include "common/wire/frame.h"

using mirrorway::http::Alias;
using mirrorway::http::parse_lookup;
using mirrorway::http::Problem;
using mirrorway::http::Routes;
using mirrorway::net::Address;
using mirrorway::proto::LookupRequest;

namespace {

const Routes& routes() {
  static const Routes kRoutes{{"/pub/"},
                              {*Alias::parse("/mirrorlist/{version}/{repo}=repo={repo}-{version}",
                                             mirrorway::http::parameter_names())}};
  return kRoutes;
}

void check_request(const LookupRequest& request) {
  MIRRORWAY_ASSERT(request.repository().empty() == request.architecture().empty());
  MIRRORWAY_ASSERT(mirrorway::net::is_path(request.path()));
  MIRRORWAY_ASSERT(Address::from_bytes(request.client_address()).has_value());
  MIRRORWAY_ASSERT(mirrorway::base::is_utf8(request.repository()));
  MIRRORWAY_ASSERT(request.ByteSizeLong() <= mirrorway::wire::kMaxRequestBytes);
}

void check_problem(const Problem& problem) {
  MIRRORWAY_ASSERT(problem.status == 400 || problem.status == 404 || problem.status == 414);
  MIRRORWAY_ASSERT(!problem.text.empty());
  MIRRORWAY_ASSERT(mirrorway::base::is_utf8(problem.text));
  for (const char c : problem.text)
    MIRRORWAY_ASSERT(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Behind the first line is the Accept header.
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(input.find('\n'), input.size());
  const std::string_view target = input.substr(0, line);
  const std::array accept{input.substr(std::min(line + 1, input.size()))};
  const auto parsed = parse_lookup(routes(), target, accept, Address()).result;
  if (const auto* request = std::get_if<LookupRequest>(&parsed)) {
    check_request(*request);
  } else {
    check_problem(std::get<Problem>(parsed));
  }
  return 0;
}
