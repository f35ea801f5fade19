#include "common/answer/json.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "common/answer/file_facts.h"
#include "common/answer/reasons.h"
#include "common/base/digest.h"
#include "common/net/country.h"

namespace mirrorway::answer {
namespace {

using nlohmann::ordered_json;

ordered_json text_or_null(std::string_view text) {
  return text.empty() ? ordered_json() : ordered_json(text);
}

ordered_json country_json(std::optional<net::CountryCode> country) {
  return text_or_null(country ? country->text() : std::string_view());
}

ordered_json client_json(const selection::Client& client) {
  ordered_json json{{"address", client.address.text()}, {"country", country_json(client.country)}};
  json["continent"] =
      client.continent ? ordered_json(net::continent_code(*client.continent)) : ordered_json();
  json["asn"] = client.asn ? ordered_json(*client.asn) : ordered_json();
  return json;
}

ordered_json host_json(const Listing& listing, snapshot::HostIndex index) {
  const snapshot::HostRecord& host = listing.image.hosts()[index];
  return {{"host", listing.image.text(host.name)},
          {"site", text_or_null(listing.image.text(host.site))},
          {"country", country_json(net::CountryCode::from_index(host.country))},
          {"bandwidth_mbps", host.bandwidth_mbps}};
}

ordered_json kept_json(const Listing& listing, const selection::RankedHost& ranked) {
  ordered_json json = host_json(listing, ranked.host);
  const snapshot::HostRecord& host = listing.host(ranked);
  json["tier"] = tier_name(ranked.tier);
  json["reason"] = describe_kept(listing, ranked);
  if (host.is_private) json["private"] = true;
  if (host.has_position && listing.client.position)
    json["distance_km"] = std::llround(net::distance_km(host.position, *listing.client.position));
  json["urls"] = ordered_json::array();
  listing.for_each_url(ranked.host, [&](std::string_view base, net::Scheme) {
    json["urls"].push_back(std::string(base) + listing.target.tail);
  });
  return json;
}

void add_dropped(const Listing& listing, Audience audience, ordered_json& json) {
  json["dropped"] = ordered_json::array();
  std::size_t unnamed = 0;
  for (const selection::DroppedHost& dropped : listing.selection.dropped) {
    if (audience == Audience::kPublic && listing.image.hosts()[dropped.host].is_private) {
      ++unnamed;
      continue;
    }
    ordered_json entry = host_json(listing, dropped.host);
    entry["reason"] = drop_name(dropped.reason);
    entry["explanation"] = describe_drop(dropped.reason);
    json["dropped"].push_back(std::move(entry));
  }
  json["dropped_private"] = unnamed;
}

ordered_json versions_json(const Listing& listing, const snapshot::FileRecord& file) {
  ordered_json versions = ordered_json::array();
  for (const snapshot::FileVersionRecord& version : listing.image.versions(file)) {
    ordered_json entry{{"size", version.size}, {"timestamp", version.timestamp}};
    for (const snapshot::Digest digest : snapshot::kDigests) {
      const std::string_view bytes = listing.image.digest(version, digest);
      if (!bytes.empty()) entry[std::string(digest_name(digest))] = base::to_hex(bytes);
    }
    versions.push_back(std::move(entry));
  }
  return versions;
}

}  // namespace

std::string format_json(const Listing& listing, Audience audience) {
  ordered_json json;
  if (listing.subject.repository.empty()) {
    json["path"] = listing.subject.path;
  } else {
    json["repository"] = listing.subject.repository;
    json["architecture"] = listing.subject.architecture;
  }
  json["directory"] = listing.image.text(listing.directory().path);
  if (!listing.target.file.empty()) json["file"] = listing.target.file;
  if (const auto* file = listing.file()) json["versions"] = versions_json(listing, *file);
  json["catalog_time"] = listing.image.catalog_time();
  json["client"] = client_json(listing.client);
  const auto& hosts = listing.selection.hosts;
  json["found_via"] = hosts.empty() ? ordered_json() : ordered_json(tier_name(hosts.front().tier));
  if (listing.selection.had_no_mirror_there) json["no_mirror_there"] = true;
  json["mirrors"] = ordered_json::array();
  for (const selection::RankedHost& ranked : hosts)
    json["mirrors"].push_back(kept_json(listing, ranked));
  if (listing.request.explain()) add_dropped(listing, audience, json);
  constexpr int kIndent = 1;
  return json.dump(kIndent, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace mirrorway::answer
