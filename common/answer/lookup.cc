#include "common/answer/lookup.h"

#include <algorithm>

#include "common/answer/directory.h"
#include "common/answer/mirrorlist.h"
#include "common/base/text.h"

namespace mirrorway::answer {
namespace {

// HTTP's.
constexpr std::uint32_t kOk = 200;
constexpr std::uint32_t kFound = 302;
constexpr std::uint32_t kBadRequest = 400;
constexpr std::uint32_t kNotFound = 404;

proto::LookupResponse plain(std::uint32_t status, std::string body) {
  proto::LookupResponse response;
  response.set_status(status);
  response.set_body(std::move(body));
  return response;
}

proto::LookupResponse not_found(const Subject& subject, const NotFound& miss) {
  std::string body = subject_comment(subject);
  body += subject.repository.empty() ? "error: invalid path\n" : "error: invalid repo or arch\n";
  if (!miss.close_matches.empty()) body += "# close matches are:\n";
  for (const std::string& match : miss.close_matches) body += "# " + match + '\n';
  return plain(kNotFound, std::move(body));
}

proto::Tier tier_of(const selection::Selection& selection) {
  if (selection.hosts.empty()) return proto::NONE;
  switch (selection.hosts.front().tier) {
    case selection::Tier::kNetblock:
      return proto::NETBLOCK;
    case selection::Tier::kAsn:
      return proto::ASN;
    case selection::Tier::kResearch:
      return proto::RESEARCH;
    case selection::Tier::kCountry:
      return proto::COUNTRY;
    case selection::Tier::kContinent:
      return proto::CONTINENT;
    case selection::Tier::kGlobal:
      return proto::GLOBAL;
  }
  return proto::NONE;
}

// Without schemes asked for, what a browser or package manager can fetch; never rsync. A redirect
// leads to the web in any case.
void set_schemes(const proto::LookupRequest& request, selection::Query& query) {
  if (!request.schemes().empty()) {
    query.schemes.fill(false);
    for (const int scheme : request.schemes())
      query.schemes[static_cast<std::size_t>(scheme)] = true;
  }
  if (request.form() == proto::REDIRECT) {
    query.schemes[static_cast<std::size_t>(net::Scheme::kFtp)] = false;
    query.schemes[static_cast<std::size_t>(net::Scheme::kRsync)] = false;
  }
}

base::Parsed<selection::Query> query_of(const proto::LookupRequest& request) {
  selection::Query query;
  query.skips_networks = request.skip_networks();
  const auto is_scheme = [](int scheme) { return proto::Scheme_IsValid(scheme); };
  if (!std::all_of(request.schemes().begin(), request.schemes().end(), is_scheme))
    return base::refuse("unknown scheme in a lookup request");
  set_schemes(request, query);
  for (const std::string& text : request.countries()) {
    const auto country = net::CountryCode::parse(text);
    if (country) {
      query.countries.push_back(*country);
    } else if (base::equal_ignoring_case(text, "global")) {
      query.is_everywhere = true;
    } else {
      return base::refuse("country \"{}\" is neither two letters nor \"global\"",
                          base::printable(text, 40));
    }
  }
  return query;
}

proto::LookupResponse answer_found(const snapshot::Image& image,
                                   const proto::LookupRequest& request, const Subject& subject,
                                   const Target& target, const selection::Query& query,
                                   const selection::Selection& selection) {
  proto::LookupResponse response;
  response.set_found_via(tier_of(selection));
  if (request.form() == proto::REDIRECT) {
    auto location = redirect_location(image, target, query, selection);
    if (!location) return plain(kNotFound, subject_comment(subject) + "error: no mirror\n");
    response.set_status(kFound);
    response.set_location(std::move(*location));
  } else {
    response.set_status(kOk);
    response.set_body(format_mirrorlist(image, request, subject, target, query, selection));
  }
  return response;
}

}  // namespace

selection::Client locate(const snapshot::Image& image, const geo::GeoDatabase& geo,
                         const net::Address& address) {
  selection::Client client;
  client.address = address.unwrapped();
  const geo::GeoAnswer found = geo.find(client.address);
  client.asn = found.asn;
  client.country = image.netblock_country(client.address);
  if (!client.country) client.country = found.country;
  client.continent = client.country ? image.continent_of(*client.country) : found.continent_hint;
  return client;
}

proto::LookupResponse answer_lookup(const snapshot::Image& image, const geo::GeoDatabase& geo,
                                    const selection::Policy& policy,
                                    const proto::LookupRequest& request,
                                    std::chrono::system_clock::time_point now) {
  const auto subject = subject_of(image, request);
  if (!subject) return plain(kBadRequest, "# " + subject.reason() + '\n');
  auto query = query_of(request);
  if (!query) return plain(kBadRequest, "# " + query.reason() + '\n');
  const auto address = net::Address::from_bytes(request.client_address());
  if (!address) return plain(kBadRequest, "# a lookup request without a client address\n");

  const auto found = find_target(image, *subject);
  if (const auto* miss = std::get_if<NotFound>(&found)) return not_found(*subject, *miss);
  if (std::holds_alternative<Disabled>(found))
    return plain(request.form() == proto::REDIRECT ? kNotFound : kOk,
                 subject_comment(*subject) + "repo disabled\n");
  const auto& target = std::get<Target>(found);
  selection::Query resolved = *std::move(query);
  resolved.directories = {target.directory};
  const selection::Selection selection =
      select(image, resolved, locate(image, geo, *address), policy, now);
  return answer_found(image, request, *subject, target, resolved, selection);
}

}  // namespace mirrorway::answer
