#include "common/http/lookup.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/text.h"
#include "common/http/query.h"
#include "common/net/country.h"
#include "common/net/path.h"
#include "common/net/url.h"

namespace mirrorway::http {
namespace {

enum Parameter : std::uint8_t {
  kRepo,
  kArch,
  kPath,
  kRedirect,
  kCountry,
  kIp,
  kProtocol,
  kNetblock,
  kTime,
};
constexpr std::array<std::string_view, 9> kParameters{
    "repo", "arch", "path", "redirect", "country", "ip", "protocol", "netblock", "time"};

using Values = std::vector<std::optional<std::string>>;

// More than there are countries.
constexpr std::size_t kMaxCountries = 300;

struct Target {
  std::string_view path;
  std::string_view query;
};

Target split_target(std::string_view target) {
  if (!target.starts_with('/')) {  // absolute form, as sent to proxies
    const std::size_t authority = target.find("://");
    const std::size_t path = authority == std::string_view::npos
                                 ? std::string_view::npos
                                 : target.find_first_of("/?", authority + 3);
    target.remove_prefix(std::min(path, target.size()));
  }
  const std::size_t mark = std::min(target.find('?'), target.size());
  return {target.substr(0, mark), target.substr(std::min(mark + 1, target.size()))};
}

Problem bad_request(std::string text) {
  return {400, std::move(text)};
}

// An empty value counts as none.
bool is_given(const std::optional<std::string>& value) {
  return value && !value->empty();
}

std::optional<Problem> read_subject(Values& values, proto::LookupRequest& request) {
  if (is_given(values[kPath])) {
    auto path = net::parse_path(*values[kPath]);
    if (!path) return bad_request(path.reason());
    request.set_path(*std::move(path));
    return std::nullopt;
  }
  if (!is_given(values[kRepo]) || !is_given(values[kArch]))
    return bad_request("either path=, or repo= and arch= must be given");
  request.set_repository(*std::move(values[kRepo]));
  request.set_architecture(*std::move(values[kArch]));
  return std::nullopt;
}

std::optional<Problem> read_countries(const Values& values, proto::LookupRequest& request) {
  if (!is_given(values[kCountry])) return std::nullopt;
  const auto words = base::split(*values[kCountry], ',');
  if (words.size() > kMaxCountries)
    return bad_request(
        fmt::format("parameter country has {} countries, more than there are", words.size()));
  for (const std::string_view word : words) {
    if (!net::CountryCode::parse(word) && !base::equal_ignoring_case(word, "global"))
      return bad_request(
          fmt::format(R"(parameter country: "{}" is neither a code of two letters nor "global")",
                      base::printable(word)));
    request.add_countries(std::string(word));
  }
  return std::nullopt;
}

proto::Scheme to_proto(net::Scheme scheme) {
  switch (scheme) {
    case net::Scheme::kHttps:
      return proto::HTTPS;
    case net::Scheme::kHttp:
      return proto::HTTP;
    case net::Scheme::kFtp:
      return proto::FTP;
    case net::Scheme::kRsync:
      return proto::RSYNC;
  }
  MIRRORWAY_ASSERT(false);
  return proto::HTTPS;
}

std::optional<Problem> read_schemes(const Values& values, proto::LookupRequest& request) {
  if (!values[kProtocol]) return std::nullopt;
  for (const std::string_view word : base::split(*values[kProtocol], ',')) {
    const auto scheme = net::find_scheme(word);
    if (!scheme)
      return bad_request(
          fmt::format("parameter protocol: \"{}\" is none of https, http, ftp and rsync",
                      base::printable(word)));
    const proto::Scheme wanted = to_proto(*scheme);
    const auto& known = request.schemes();
    if (std::find(known.begin(), known.end(), wanted) == known.end()) request.add_schemes(wanted);
  }
  return std::nullopt;
}

std::optional<Problem> read_client(const Values& values, net::Address client,
                                   proto::LookupRequest& request) {
  if (values[kIp]) {
    const auto pretended = net::Address::parse(*values[kIp]);
    if (!pretended) return bad_request("parameter ip: " + pretended.reason());
    client = *pretended;
  }
  request.set_client_address(std::string(client.unwrapped().bytes()));
  return std::nullopt;
}

}  // namespace

std::variant<proto::LookupRequest, Problem> parse_lookup(std::string_view target,
                                                         const net::Address& client) {
  if (target.size() > kMaxTargetBytes)
    return Problem{414, fmt::format("the request target has {} bytes; at most {} are allowed",
                                    target.size(), kMaxTargetBytes)};
  const auto [path, query] = split_target(target);
  // Any prefix before it is fine: the service may live below some folder of a bigger site.
  if (!path.ends_with("/mirrorlist"))
    return Problem{404, fmt::format("\"{}\" is not here; /mirrorlist?repo=…&arch=… and "
                                    "/mirrorlist?path=… are",
                                    base::printable(path))};
  auto parsed = parse_query(query, kParameters);
  if (!parsed) return bad_request(parsed.reason());
  Values values = *std::move(parsed);

  proto::LookupRequest request;
  if (auto problem = read_subject(values, request)) return *std::move(problem);
  if (auto problem = read_countries(values, request)) return *std::move(problem);
  if (auto problem = read_schemes(values, request)) return *std::move(problem);
  if (auto problem = read_client(values, client, request)) return *std::move(problem);
  // MirrorManager's rules, which scripts rely on: the mere presence of redirect and time counts,
  // and every netblock but 1 switches the tiers off.
  if (values[kRedirect]) request.set_form(proto::REDIRECT);
  if (values[kTime]) request.set_show_catalog_time(true);
  if (values[kNetblock] && *values[kNetblock] != "1") request.set_skip_networks(true);
  return request;
}

}  // namespace mirrorway::http
