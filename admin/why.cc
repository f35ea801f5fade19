#include "admin/why.h"

#include <algorithm>
#include <array>
#include <iostream>
#include <iterator>

#include <CLI/CLI.hpp>

#include "common/answer/json.h"
#include "common/answer/lookup.h"
#include "common/answer/reasons.h"
#include "common/base/options.h"
#include "common/base/text.h"
#include "common/geo/geoip_option.h"
#include "common/http/lookup.h"
#include "common/net/url.h"
#include "common/snapshot/file.h"
#include "common/snapshot/limits.h"

namespace mirrorway::admin {
namespace {

using answer::Audience;

// The question is read as the front end reads one, so that it means the same.
proto::LookupRequest parse_question(const WhyCommand::Settings& settings) {
  std::string target = "/mirrorlist?ip=" + net::encode_component(settings.address);
  for (const std::string& word : settings.question) {
    const std::size_t sign = std::min(word.find('='), word.size());
    target += '&' + net::encode_component(word.substr(0, sign));
    if (sign < word.size()) target += '=' + net::encode_component(word.substr(sign + 1));
  }
  const auto known = http::parameter_names();
  for (const std::string& word : settings.question)
    if (std::find(known.begin(), known.end(), word.substr(0, word.find('='))) == known.end())
      throw base::UsageError("why: \"{}\" is none of {} with a value behind a =",
                             base::printable(word), fmt::join(known, ", "));
  auto parsed = http::parse_lookup({}, target, {}, net::Address());
  if (const auto* problem = std::get_if<http::Problem>(&parsed.result))
    throw base::UsageError("why: {}", problem->text);
  return std::get<proto::LookupRequest>(std::move(parsed.result));
}

std::string client_text(const selection::Client& client) {
  std::string text = client.address.text();
  text += client.country ? fmt::format(", country {}", client.country->text())
                         : std::string(", country unknown");
  if (client.continent)
    text += fmt::format(", continent {}", net::continent_code(*client.continent));
  if (client.asn) text += fmt::format(", AS{}", *client.asn);
  text += client.position ? ", city known" : ", city unknown";
  return text;
}

// Name, country and weight of a host, in columns.
std::string host_columns(const answer::Listing& listing, snapshot::HostIndex index,
                         std::size_t width) {
  const snapshot::HostRecord& host = listing.image.hosts()[index];
  const auto country = net::CountryCode::from_index(host.country);
  return fmt::format("{:<{}}  {:<2}  {:>6} Mbit/s", listing.image.text(host.name), width,
                     country ? country->text() : "--", host.bandwidth_mbps);
}

bool is_named(const answer::Listing& listing, const selection::DroppedHost& dropped,
              Audience audience) {
  return audience == Audience::kOperator || !listing.image.hosts()[dropped.host].is_private;
}

std::size_t widest_name(const answer::Listing& listing) {
  std::size_t width = 0;
  for (const snapshot::HostRecord& host : listing.image.hosts())
    width = std::max<std::size_t>(width, host.name.length);
  return width;
}

void append_dropped(const answer::Listing& listing, Audience audience, std::size_t width,
                    std::string& text) {
  auto dropped = listing.selection.dropped;
  std::stable_sort(dropped.begin(), dropped.end(),
                   [](const auto& a, const auto& b) { return a.reason > b.reason; });
  text += fmt::format("\nleft out, {} hosts\n", dropped.size());
  std::size_t unnamed = 0;
  for (const selection::DroppedHost& host : dropped) {
    if (is_named(listing, host, audience)) {
      text += fmt::format("  {}  {}\n", host_columns(listing, host.host, width),
                          answer::describe_drop(host.reason));
    } else {
      ++unnamed;
    }
  }
  if (unnamed > 0)
    text += fmt::format("  {} private hosts are not named; --private names them\n", unnamed);
}

std::string format_why(const answer::Listing& listing, Audience audience) {
  const std::size_t width = widest_name(listing);
  const auto& hosts = listing.selection.hosts;
  std::string text = answer::subject_comment(listing.subject).substr(2);
  text += fmt::format("for {}\n\nkept, {} hosts, the best first\n", client_text(listing.client),
                      hosts.size());
  std::size_t position = 0;
  for (const selection::RankedHost& ranked : hosts)
    text += fmt::format("{:>3}  {:<9}  {}  {}\n     {}\n", ++position,
                        answer::tier_name(ranked.tier), host_columns(listing, ranked.host, width),
                        describe_kept(listing, ranked), listing.best_url(ranked.host));
  append_dropped(listing, audience, width, text);
  return text;
}

}  // namespace

WhyCommand::WhyCommand(base::Options& options)
    : command_(options.app().add_subcommand(
          "why",
          "Say what a client is answered, and why each host is in it or not; from a snapshot")) {
  options.add("snapshot", settings_.snapshot, "FILE", "The snapshot, for why");
  geo::declare_geoip(options, settings_.geoip, ", for why");
  declare_policy(options, settings_.policy);
  command_->add_option("ADDRESS", settings_.address, "The client")->required();
  command_
      ->add_option("QUESTION", settings_.question,
                   "As in a URL: repo=NAME arch=NAME, or path=PATH; also country=, protocol=, "
                   "netblock=")
      ->required();
  command_->add_flag("--json", settings_.is_json, "What explain=1 answers");
  command_->add_flag("--private", settings_.names_private,
                     "Name the private hosts that were left out, too");
}

std::optional<int> WhyCommand::run() const {
  if (!command_->parsed()) return std::nullopt;
  const proto::LookupRequest request = parse_question(settings_);
  const auto block = snapshot::Image::build(snapshot::load_file(settings_.snapshot).snapshot);
  const snapshot::Image image(block);
  const auto geo = geo::GeoDatabase::load(geo::geoip_files(settings_.geoip));
  const Audience audience = settings_.names_private ? Audience::kOperator : Audience::kPublic;
  const auto write = [&](const answer::Listing& listing) {
    return settings_.is_json ? format_json(listing, audience) : format_why(listing, audience);
  };
  const auto response = answer::explain_lookup(image, geo, settings_.policy.policy, request,
                                               std::chrono::system_clock::now(), write);
  constexpr unsigned kLeastError = 400;
  const bool is_found = response.status() < kLeastError;
  (is_found ? std::cout : std::cerr) << response.body();
  if (is_found && settings_.geoip.empty())
    std::cerr
        << "mirror_admin: no --geoip, so countries come from the operator's netblocks alone\n";
  return is_found ? base::kExitSuccess : base::kExitFailure;
}

}  // namespace mirrorway::admin
