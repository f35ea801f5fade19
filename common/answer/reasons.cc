#include "common/answer/reasons.h"

#include <fmt/format.h>

#include "common/base/error.h"
#include "common/net/address.h"
#include "common/net/country.h"
#include "proto/names.h"

namespace mirrorway::answer {
namespace {

using selection::Drop;
using selection::Tier;

std::string_view band_text(selection::Band band) {
  switch (band) {
    case selection::Band::k500Km:
      return ", within 500 km";
    case selection::Band::k1000Km:
      return ", 500 to 1,000 km away";
    case selection::Band::k2500Km:
      return ", 1,000 to 2,500 km away";
    case selection::Band::kBeyond:
      return ", more than 2,500 km away";
  }
  return "";
}

bool asks_for_countries(const Listing& listing) {
  return !listing.query.countries.empty() && !listing.selection.had_no_mirror_there;
}

std::string tier_text(const Listing& listing, const selection::RankedHost& ranked) {
  const auto country = net::CountryCode::from_index(listing.host(ranked).country);
  const std::string_view code = country ? country->text() : "unknown";
  switch (ranked.tier) {
    case Tier::kNetblock: {
      const auto netblock = net::Prefix::make(listing.client.address.masked(ranked.prefix_length),
                                              ranked.prefix_length);
      return fmt::format("serves the network {}", netblock.value_or(net::Prefix()).text());
    }
    case Tier::kAsn:
      return fmt::format("serves the network AS{}", listing.client.asn.value_or(0));
    case Tier::kResearch:
      return fmt::format("research network in the same country ({})", code);
    case Tier::kCountry:
      return fmt::format("{} ({})",
                         asks_for_countries(listing) ? "country asked for" : "same country", code);
    case Tier::kContinent:
      return fmt::format(
          "{} ({})",
          asks_for_countries(listing) ? "continent of the countries asked for" : "same continent",
          code);
    case Tier::kGlobal:
      return fmt::format("rest of the world ({})", code);
  }
  return "";
}

}  // namespace

proto::Tier to_proto(Tier tier) {
  switch (tier) {
    case Tier::kNetblock:
      return proto::NETBLOCK;
    case Tier::kAsn:
      return proto::ASN;
    case Tier::kResearch:
      return proto::RESEARCH;
    case Tier::kCountry:
      return proto::COUNTRY;
    case Tier::kContinent:
      return proto::CONTINENT;
    case Tier::kGlobal:
      return proto::GLOBAL;
  }
  return proto::NONE;
}

std::string_view tier_name(Tier tier) {
  return proto::tier_name(to_proto(tier));
}

std::string describe_kept(const Listing& listing, const selection::RankedHost& ranked) {
  std::string text = tier_text(listing, ranked);
  if (ranked.band) text += band_text(*ranked.band);
  if (snapshot::has_host(listing.image.last_resort_hosts(), ranked.host)) text += ", last resort";
  return text;
}

std::string_view drop_name(Drop reason) {
  switch (reason) {
    case Drop::kOtherCategory:
      return "other_category";
    case Drop::kNotUpToDate:
      return "not_up_to_date";
    case Drop::kNoScheme:
      return "no_scheme";
    case Drop::kCountryNotAllowed:
      return "country_not_allowed";
    case Drop::kMonopoly:
      return "monopoly";
    case Drop::kPrivate:
      return "private";
    case Drop::kOtherCountry:
      return "other_country";
    case Drop::kLastResort:
      return "last_resort";
    case Drop::kNotNeeded:
      return "not_needed";
    case Drop::kPastMaximum:
      return "past_maximum";
  }
  return "";
}

std::string_view describe_drop(Drop reason) {
  switch (reason) {
    case Drop::kOtherCategory:
      return "does not carry this category";
    case Drop::kNotUpToDate:
      return "does not carry this directory, or not in its current state";
    case Drop::kNoScheme:
      return "has no URL in a protocol asked for";
    case Drop::kCountryNotAllowed:
      return "serves certain countries only, and the client is in none of them";
    case Drop::kMonopoly:
      return "another host is the only one for the client's network";
    case Drop::kPrivate:
      return "is private, and the client is in none of its networks";
    case Drop::kOtherCountry:
      return "is not where country= asks for";
    case Drop::kLastResort:
      return "is for when there are too few others";
    case Drop::kNotNeeded:
      return "is farther away than the mirrors that were enough";
    case Drop::kPastMaximum:
      return "comes after the last place of the answer";
  }
  return "";
}

}  // namespace mirrorway::answer
