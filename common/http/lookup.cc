#include "common/http/lookup.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/text.h"
#include "common/http/accept.h"
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
  kFormat,
  kExplain,
  kMirrorlist,
};
constexpr std::array<std::string_view, 12> kParameters{
    "repo",     "arch",     "path", "redirect", "country", "ip",
    "protocol", "netblock", "time", "format",   "explain", "mirrorlist"};

struct NamedForm {
  std::string_view name;
  proto::Form form;
};
// Values of format=.
constexpr std::array<NamedForm, 7> kFormats{{{"text", proto::MIRRORLIST},
                                             {"json", proto::JSON},
                                             {"html", proto::HTML},
                                             {"metalink", proto::METALINK},
                                             {"meta4", proto::METALINK4},
                                             {"pacman", proto::PACMAN},
                                             {"apt", proto::APT}}};
// Endings of files that stand for something about the file without them.
constexpr std::array<NamedForm, 6> kEndings{{{".meta4", proto::METALINK4},
                                             {".metalink", proto::METALINK},
                                             {".sha256", proto::SHA256},
                                             {".sha512", proto::SHA512},
                                             {".sha1", proto::SHA1},
                                             {".md5", proto::MD5}}};

constexpr Offer kJsonOffer{"application/json", proto::JSON};
constexpr std::array<Offer, 4> kListOffers{{kJsonOffer,
                                            {"text/html", proto::HTML},
                                            {"application/xhtml+xml", proto::HTML},
                                            {"text/plain", proto::MIRRORLIST}}};
// A browser that follows a link to a file wants the file, not a page about it.
constexpr std::array<Offer, 3> kFileOffers{{{"application/metalink4+xml", proto::METALINK4},
                                            {"application/metalink+xml", proto::METALINK},
                                            kJsonOffer}};
constexpr std::array<Offer, 1> kOtherOffers{{kJsonOffer}};

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
    request.set_is_pretended(true);
  }
  request.set_client_address(std::string(client.unwrapped().bytes()));
  return std::nullopt;
}

// What the path of the URL is.
enum class Endpoint : std::uint8_t { kMirrorlist, kMetalink, kFile, kUnknown };

struct Route {
  Endpoint endpoint = Endpoint::kUnknown;
  std::vector<std::pair<std::string, std::string>> parameters;  // an alias's
};

// `path` is decoded.
Route find_route(const Routes& routes, std::string_view path) {
  for (const Alias& alias : routes.aliases)
    if (auto parameters = alias.match(path))
      return {path.ends_with("/metalink") ? Endpoint::kMetalink : Endpoint::kMirrorlist,
              *std::move(parameters)};
  bool is_everything_a_file = false;
  for (const std::string& prefix : routes.file_prefixes) {
    if (prefix == "/")
      is_everything_a_file = true;
    else if (path.starts_with(prefix))
      return {Endpoint::kFile, {}};
  }
  // Any prefix before these is fine: the service may live below some folder of a bigger site.
  if (path.ends_with("/mirrorlist")) return {Endpoint::kMirrorlist, {}};
  if (path.ends_with("/metalink")) return {Endpoint::kMetalink, {}};
  return {is_everything_a_file ? Endpoint::kFile : Endpoint::kUnknown, {}};
}

void apply_alias(const Route& route, Values& values) {
  if (route.parameters.empty()) return;
  for (const auto& [name, value] : route.parameters) {
    const auto at = std::find(kParameters.begin(), kParameters.end(), name);
    values[static_cast<std::size_t>(at - kParameters.begin())] = value;
  }
  // Without an architecture: the client fills in its own.
  if (is_given(values[kRepo]) && !is_given(values[kArch]))
    values[kArch] = net::kArchitectureVariable;
}

bool wants_explanation(const Values& values) {
  return values[kExplain] && *values[kExplain] != "0";
}

// The ending of a file's name says the form only where no parameter does.
bool may_have_ending(const Values& values) {
  return !is_given(values[kFormat]) && !values[kMirrorlist] && !wants_explanation(values);
}

struct ChosenForm {
  proto::Form form;
  bool is_negotiated;
};

// Without format=.
ChosenForm choose_form(Endpoint endpoint, const Values& values,
                       std::span<const std::string_view> accept) {
  const auto choose = [&](std::span<const Offer> offers, proto::Form otherwise) {
    return ChosenForm{negotiate(accept, offers).value_or(otherwise), true};
  };
  if (wants_explanation(values)) return {proto::JSON, false};
  if (endpoint == Endpoint::kMetalink) return choose(kOtherOffers, proto::METALINK);
  if (endpoint == Endpoint::kFile)
    return values[kMirrorlist] ? choose(kListOffers, proto::HTML)
                               : choose(kFileOffers, proto::REDIRECT);
  return values[kRedirect] ? choose(kOtherOffers, proto::REDIRECT)
                           : choose(kListOffers, proto::MIRRORLIST);
}

const NamedForm* find_form(std::span<const NamedForm> forms, std::string_view name) {
  const auto found =
      std::find_if(forms.begin(), forms.end(), [&](const NamedForm& f) { return f.name == name; });
  return found == forms.end() ? nullptr : &*found;
}

std::optional<Problem> read_file(std::string_view path, bool may_end_so,
                                 proto::LookupRequest& request) {
  auto parsed = net::parse_path(path);
  if (!parsed) return bad_request(parsed.reason());
  std::string name = *std::move(parsed);
  const auto ending =
      std::find_if(kEndings.begin(), kEndings.end(), [&](const NamedForm& candidate) {
        return name.ends_with(candidate.name) && name.size() > candidate.name.size() &&
               name[name.size() - candidate.name.size() - 1] != '/';
      });
  if (may_end_so && ending != kEndings.end()) {
    request.set_form(ending->form);
    request.set_ending(std::string(ending->name));
    name.resize(name.size() - ending->name.size());
  }
  request.set_url_path('/' + name);
  request.set_path(std::move(name));
  return std::nullopt;
}

class LookupParser {
 public:
  LookupParser(const Routes& routes, std::span<const std::string_view> accept,
               const net::Address& client)
      : routes_(routes), accept_(accept), client_(client) {}

  ParsedLookup parse(std::string_view target) {
    auto problem = read(target);
    const proto::Form form = request_.form();
    if (problem) return {form, is_negotiated_, *std::move(problem)};
    return {form, is_negotiated_, std::move(request_)};
  }

 private:
  std::optional<Problem> read(std::string_view target) {
    if (target.size() > kMaxTargetBytes)
      return Problem{414, fmt::format("the request target has {} bytes; at most {} are allowed",
                                      target.size(), kMaxTargetBytes)};
    const auto [raw_path, query] = split_target(target);
    const auto path = net::decode_percent(raw_path);
    if (!path) return bad_request(path.reason());
    const Route route = find_route(routes_, *path);
    if (route.endpoint == Endpoint::kUnknown)
      return Problem{404, fmt::format("\"{}\" is not here; /mirrorlist?repo=…&arch=… and "
                                      "/mirrorlist?path=… are",
                                      base::printable(*path))};
    // First, as errors come in that form, too.
    auto [values, bad_query] = parse_query(query, kParameters);
    apply_alias(route, values);
    auto bad_form = read_form(route.endpoint, values);
    // An alias makes names of its segments.
    if (!base::is_one_line(*path))
      return bad_request(
          fmt::format("path \"{}\" has control characters or is no UTF-8", base::printable(*path)));
    if (bad_query) return bad_request(bad_query->reason);
    if (bad_form) return bad_form;
    auto problem = route.endpoint == Endpoint::kFile
                       ? read_file(*path, may_have_ending(values), request_)
                       : read_subject(values, request_);
    if (problem) return problem;
    return read_wishes(values);
  }

  std::optional<Problem> read_form(Endpoint endpoint, const Values& values) {
    const ChosenForm chosen = choose_form(endpoint, values, accept_);
    request_.set_form(chosen.form);
    is_negotiated_ = chosen.is_negotiated;
    if (!is_given(values[kFormat])) return std::nullopt;
    const NamedForm* const form = find_form(kFormats, *values[kFormat]);
    if (form == nullptr)
      return bad_request(
          fmt::format("parameter format: \"{}\" is none of text, json, html, "
                      "metalink, meta4, pacman and apt",
                      base::printable(*values[kFormat])));
    request_.set_form(form->form);
    is_negotiated_ = false;
    return std::nullopt;
  }

  std::optional<Problem> read_wishes(const Values& values) {
    if (auto problem = read_countries(values, request_)) return problem;
    if (auto problem = read_schemes(values, request_)) return problem;
    if (auto problem = read_client(values, client_, request_)) return problem;
    // MirrorManager's rules, which scripts rely on: the mere presence of redirect and time counts,
    // and every netblock but 1 switches the tiers off.
    if (values[kTime]) request_.set_show_catalog_time(true);
    if (values[kNetblock] && *values[kNetblock] != "1") request_.set_skip_networks(true);
    request_.set_explain(wants_explanation(values));
    return std::nullopt;
  }

  const Routes& routes_;
  std::span<const std::string_view> accept_;
  const net::Address& client_;
  proto::LookupRequest request_;
  bool is_negotiated_ = false;
};

}  // namespace

std::span<const std::string_view> parameter_names() {
  return kParameters;
}

ParsedLookup parse_lookup(const Routes& routes, std::string_view target,
                          std::span<const std::string_view> accept, const net::Address& client) {
  return LookupParser(routes, accept, client).parse(target);
}

std::string document_name(const proto::LookupRequest& request) {
  const std::string_view ending = request.form() == proto::METALINK    ? ".metalink"
                                  : request.form() == proto::METALINK4 ? ".meta4"
                                                                       : "";
  if (ending.empty() || request.path().empty()) return {};
  const std::string_view path = request.path();
  return std::string(path.substr(path.rfind('/') + 1)).append(ending);
}

}  // namespace mirrorway::http
