#include "common/answer/lookup.h"

#include <algorithm>

#include "common/answer/directory.h"
#include "common/answer/file_facts.h"
#include "common/answer/json.h"
#include "common/answer/metalink.h"
#include "common/answer/mirrorlist.h"
#include "common/answer/page.h"
#include "common/answer/plan.h"
#include "common/answer/reasons.h"
#include "common/answer/redirect.h"
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

// A list says it as a comment, which clients of MirrorManager know; no other form has room for it.
proto::LookupResponse disabled(const Subject& subject, proto::Form form) {
  return plain(form == proto::MIRRORLIST ? kOk : kNotFound,
               subject_comment(subject) + "repo disabled\n");
}

proto::Tier first_tier(const selection::Selection& selection) {
  return selection.hosts.empty() ? proto::NONE : to_proto(selection.hosts.front().tier);
}

// Without schemes asked for, what a browser or package manager can fetch; in a metalink of version
// 3 everything. A redirect leads to the web in any case.
void set_schemes(const proto::LookupRequest& request, proto::Form form, selection::Query& query) {
  if (!request.schemes().empty()) {
    query.schemes.fill(false);
    for (const int scheme : request.schemes())
      query.schemes[static_cast<std::size_t>(scheme)] = true;
  } else if (form == proto::METALINK) {
    query.schemes.fill(true);
  }
  if (form == proto::REDIRECT) {
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
  query.explains = request.explain() && request.form() == proto::JSON;
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

// The target without the request's ending; of a directory whose name ends so, and whose parent is
// unknown, there is none but the directory itself.
std::variant<Target, Disabled, NotFound> find_asked_for(const snapshot::Image& image,
                                                        const proto::LookupRequest& request,
                                                        const Subject& subject) {
  auto found = find_target(image, subject);
  if (request.ending().empty() || !std::holds_alternative<NotFound>(found)) return found;
  Subject whole = subject;
  whole.path += request.ending();
  auto itself = find_target(image, whole);
  return std::holds_alternative<Target>(itself) ? itself : found;
}

std::string digest_file(const snapshot::Image& image, const Target& target,
                        snapshot::Digest digest) {
  const auto* file = find_file(image, target);
  MIRRORWAY_ASSERT(file != nullptr);  // the plan has seen it
  return format_digest_file(image.digest(image.versions(*file).front(), digest), target.file);
}

std::string format_body(const Listing& listing, proto::Form form) {
  switch (form) {
    case proto::METALINK:
      return format_metalink(listing, *listing.file());
    case proto::METALINK4:
      return format_metalink4(listing);
    case proto::JSON:
      return format_json(listing, Audience::kPublic);
    case proto::HTML:
      return format_page(listing);
    case proto::PACMAN:
      return format_pacman(listing);
    case proto::APT:
      return format_apt(listing);
    default:
      return format_mirrorlist(listing);
  }
}

template <typename Write>
proto::LookupResponse answer_listing(const Listing& listing, proto::Form form, const Write& write) {
  proto::LookupResponse response;
  response.set_form(form);
  response.set_found_via(first_tier(listing.selection));
  if (listing.client.country)
    response.set_client_country(std::string(listing.client.country->text()));
  if (form != proto::REDIRECT) {
    response.set_status(kOk);
    response.set_body(write(listing, form));
  } else if (set_redirect(listing, response)) {
    response.set_status(kFound);
  } else {
    response.set_status(kNotFound);
    response.set_body(subject_comment(listing.subject) + "error: no mirror\n");
  }
  return response;
}

// Bands of some hundred kilometres mean nothing to a client who may be anywhere in a thousand.
bool is_precise(const geo::Coordinates& coordinates) {
  constexpr unsigned kMaxRadiusKm = 250;
  return coordinates.radius_km.value_or(0) <= kMaxRadiusKm;
}

// A redirect without links to further mirrors.
bool needs_first_only(const proto::LookupRequest& request, proto::Form form) {
  return form == proto::REDIRECT && request.url_path().empty();
}

// The first mirror is the same whatever the number wanted: further tiers stand behind it.
selection::Policy first_of(selection::Policy policy) {
  policy.min_mirrors = 1;
  policy.max_mirrors = 1;
  return policy;
}

// `write(listing, form)` makes the body.
template <typename Write>
proto::LookupResponse answer_with(const snapshot::Image& image, const geo::GeoDatabase& geo,
                                  const selection::Policy& policy,
                                  const proto::LookupRequest& request,
                                  std::chrono::system_clock::time_point now, const Write& write) {
  const auto subject = subject_of(image, request);
  if (!subject) return plain(kBadRequest, "# " + subject.reason() + '\n');
  auto parsed_query = query_of(request);
  if (!parsed_query) return plain(kBadRequest, "# " + parsed_query.reason() + '\n');
  const auto address = net::Address::from_bytes(request.client_address());
  if (!address) return plain(kBadRequest, "# a lookup request without a client address\n");

  const auto found = find_asked_for(image, request, *subject);
  if (const auto* miss = std::get_if<NotFound>(&found)) return not_found(*subject, *miss);
  if (std::holds_alternative<Disabled>(found)) return disabled(*subject, request.form());
  const auto& target = std::get<Target>(found);
  const auto plan = plan_answer(image, request, *subject, target);
  if (!plan) return plain(kNotFound, missing_metalink(image, *subject, target));
  if (const auto digest = digest_of_form(plan->form)) {
    auto response = plain(kOk, digest_file(image, plan->target, *digest));
    response.set_form(plan->form);
    return response;
  }
  selection::Query query = *std::move(parsed_query);
  query.directories = plan->target.directories;
  set_schemes(request, plan->form, query);
  const selection::Client client = locate(image, geo, *address);
  const selection::Selection selection = select(
      image, query, client, needs_first_only(request, plan->form) ? first_of(policy) : policy, now);
  return answer_listing({image, request, *subject, plan->target, query, client, selection, now},
                        plan->form, write);
}

}  // namespace

selection::Client locate(const snapshot::Image& image, const geo::GeoDatabase& geo,
                         const net::Address& address) {
  selection::Client client;
  client.address = address.unwrapped();
  const geo::GeoAnswer found = geo.find(client.address);
  client.asn = image.asn_of(client.address);
  if (!client.asn) client.asn = found.asn;
  client.country = image.netblock_country(client.address);
  if (!client.country) client.country = found.country;
  // Where the operator knows better than the files, their city is somewhere else, too.
  if (found.coordinates && client.country == found.country && is_precise(*found.coordinates))
    client.position = net::point_at(found.coordinates->latitude, found.coordinates->longitude);
  client.continent = client.country ? image.continent_of(*client.country) : found.continent_hint;
  return client;
}

proto::LookupResponse answer_lookup(const snapshot::Image& image, const geo::GeoDatabase& geo,
                                    const selection::Policy& policy,
                                    const proto::LookupRequest& request,
                                    std::chrono::system_clock::time_point now) {
  return answer_with(image, geo, policy, request, now, format_body);
}

proto::LookupResponse explain_lookup(const snapshot::Image& image, const geo::GeoDatabase& geo,
                                     const selection::Policy& policy,
                                     const proto::LookupRequest& request,
                                     std::chrono::system_clock::time_point now,
                                     const std::function<std::string(const Listing&)>& write) {
  proto::LookupRequest explained = request;
  explained.set_explain(true);
  explained.set_form(proto::JSON);
  return answer_with(image, geo, policy, explained, now,
                     [&](const Listing& listing, proto::Form) { return write(listing); });
}

}  // namespace mirrorway::answer
