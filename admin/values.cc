#include "admin/values.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/base/sort_unique.h"
#include "common/base/text.h"
#include "common/net/path.h"
#include "common/net/url.h"

namespace mirrorway::admin {
namespace {

constexpr std::uint32_t kMostAsn = 4'294'967'295;

template <typename T>
T or_usage_error(base::Parsed<T> parsed) {
  if (!parsed) throw base::UsageError("{}", parsed.reason());
  return *std::move(parsed);
}

template <typename Parse>
auto list_value(std::string_view text, const Parse& parse) {
  std::vector<decltype(parse(text))> values;
  if (text.empty()) return values;
  for (const std::string_view item : base::split(text, ','))
    values.push_back(parse(base::trim(item)));
  base::sort_unique(values);
  return values;
}

}  // namespace

bool flag_value(std::string_view text) {
  const std::string lower = base::lower_ascii(text);
  if (lower == "yes" || lower == "true") return true;
  if (lower == "no" || lower == "false") return false;
  throw base::UsageError("\"{}\" is neither yes nor no", base::printable(text));
}

std::uint32_t number_value(std::string_view text, std::uint32_t least, std::uint32_t most) {
  const auto number = base::parse_number(text, most);
  if (!number || *number < least)
    throw base::UsageError("\"{}\" is no whole number from {} to {}", base::printable(text), least,
                           most);
  return static_cast<std::uint32_t>(*number);
}

std::int64_t count_value(std::string_view text) {
  const auto number = base::parse_number(text, std::numeric_limits<std::int64_t>::max());
  if (!number) throw base::UsageError("\"{}\" is no whole number", base::printable(text));
  return static_cast<std::int64_t>(*number);
}

std::string digest_value(std::string_view text, std::size_t bytes) {
  const auto digest = base::from_hex(text);
  if (!digest || (!digest->empty() && digest->size() != bytes))
    throw base::UsageError("\"{}\" is no digest of {} hexadecimal digits", base::printable(text),
                           2 * bytes);
  return base::to_hex(*digest);
}

double degrees_value(std::string_view text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || stop != end || !std::isfinite(value))
    throw base::UsageError("\"{}\" is no number of degrees", base::printable(text));
  return value;
}

net::CountryCode country_value(std::string_view text) {
  const auto code = net::CountryCode::parse(text);
  const auto countries = net::known_countries();
  if (!code || std::none_of(countries.begin(), countries.end(), [&](const net::CountryFact& fact) {
        return fact.code == code->text();
      }))
    throw base::UsageError("\"{}\" is no country code of ISO 3166, such as DE",
                           base::printable(text));
  return *code;
}

net::Continent continent_value(std::string_view text) {
  const auto continent = net::find_continent(base::upper_ascii(text));
  if (!continent)
    throw base::UsageError("\"{}\" is none of AF, AN, AS, EU, NA, OC, SA", base::printable(text));
  return *continent;
}

net::Prefix netblock_value(std::string_view text) {
  return or_usage_error(net::Prefix::parse(text));
}

std::string path_value(std::string_view text) {
  return or_usage_error(net::parse_path(text));
}

std::string url_value(std::string_view text) {
  return or_usage_error(net::parse_base_url(text));
}

std::vector<std::uint32_t> asns_value(std::string_view text) {
  return list_value(text, [](std::string_view item) { return number_value(item, 1, kMostAsn); });
}

std::vector<net::Prefix> netblocks_value(std::string_view text) {
  return list_value(text, netblock_value);
}

std::vector<net::CountryCode> countries_value(std::string_view text) {
  return list_value(text, country_value);
}

std::vector<catalog::CloudRegion> clouds_value(std::string_view text) {
  return list_value(text, [](std::string_view item) {
    return or_usage_error(catalog::CloudRegion::parse(item));
  });
}

}  // namespace mirrorway::admin
