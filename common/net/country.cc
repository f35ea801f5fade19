#include "common/net/country.h"

#include <algorithm>

namespace mirrorway::net {
namespace {

constexpr std::array<std::string_view, kContinents> kContinentCodes{"AF", "AN", "AS", "EU",
                                                                    "NA", "OC", "SA"};

using enum Continent;

// Where geography leaves a choice (Cyprus, Russia, the Caucasus), the continent whose networks
// reach the country best. An operator overrides single countries in the catalog.
constexpr std::array kCountries = std::to_array<CountryFact>({
    {"AD", kEu}, {"AE", kAs}, {"AF", kAs}, {"AG", kNa}, {"AI", kNa}, {"AL", kEu}, {"AM", kAs},
    {"AO", kAf}, {"AQ", kAn}, {"AR", kSa}, {"AS", kOc}, {"AT", kEu}, {"AU", kOc}, {"AW", kNa},
    {"AX", kEu}, {"AZ", kAs}, {"BA", kEu}, {"BB", kNa}, {"BD", kAs}, {"BE", kEu}, {"BF", kAf},
    {"BG", kEu}, {"BH", kAs}, {"BI", kAf}, {"BJ", kAf}, {"BL", kNa}, {"BM", kNa}, {"BN", kAs},
    {"BO", kSa}, {"BQ", kNa}, {"BR", kSa}, {"BS", kNa}, {"BT", kAs}, {"BV", kAn}, {"BW", kAf},
    {"BY", kEu}, {"BZ", kNa}, {"CA", kNa}, {"CC", kAs}, {"CD", kAf}, {"CF", kAf}, {"CG", kAf},
    {"CH", kEu}, {"CI", kAf}, {"CK", kOc}, {"CL", kSa}, {"CM", kAf}, {"CN", kAs}, {"CO", kSa},
    {"CR", kNa}, {"CU", kNa}, {"CV", kAf}, {"CW", kNa}, {"CX", kAs}, {"CY", kEu}, {"CZ", kEu},
    {"DE", kEu}, {"DJ", kAf}, {"DK", kEu}, {"DM", kNa}, {"DO", kNa}, {"DZ", kAf}, {"EC", kSa},
    {"EE", kEu}, {"EG", kAf}, {"EH", kAf}, {"ER", kAf}, {"ES", kEu}, {"ET", kAf}, {"FI", kEu},
    {"FJ", kOc}, {"FK", kSa}, {"FM", kOc}, {"FO", kEu}, {"FR", kEu}, {"GA", kAf}, {"GB", kEu},
    {"GD", kNa}, {"GE", kAs}, {"GF", kSa}, {"GG", kEu}, {"GH", kAf}, {"GI", kEu}, {"GL", kNa},
    {"GM", kAf}, {"GN", kAf}, {"GP", kNa}, {"GQ", kAf}, {"GR", kEu}, {"GS", kAn}, {"GT", kNa},
    {"GU", kOc}, {"GW", kAf}, {"GY", kSa}, {"HK", kAs}, {"HM", kAn}, {"HN", kNa}, {"HR", kEu},
    {"HT", kNa}, {"HU", kEu}, {"ID", kAs}, {"IE", kEu}, {"IL", kAs}, {"IM", kEu}, {"IN", kAs},
    {"IO", kAs}, {"IQ", kAs}, {"IR", kAs}, {"IS", kEu}, {"IT", kEu}, {"JE", kEu}, {"JM", kNa},
    {"JO", kAs}, {"JP", kAs}, {"KE", kAf}, {"KG", kAs}, {"KH", kAs}, {"KI", kOc}, {"KM", kAf},
    {"KN", kNa}, {"KP", kAs}, {"KR", kAs}, {"KW", kAs}, {"KY", kNa}, {"KZ", kAs}, {"LA", kAs},
    {"LB", kAs}, {"LC", kNa}, {"LI", kEu}, {"LK", kAs}, {"LR", kAf}, {"LS", kAf}, {"LT", kEu},
    {"LU", kEu}, {"LV", kEu}, {"LY", kAf}, {"MA", kAf}, {"MC", kEu}, {"MD", kEu}, {"ME", kEu},
    {"MF", kNa}, {"MG", kAf}, {"MH", kOc}, {"MK", kEu}, {"ML", kAf}, {"MM", kAs}, {"MN", kAs},
    {"MO", kAs}, {"MP", kOc}, {"MQ", kNa}, {"MR", kAf}, {"MS", kNa}, {"MT", kEu}, {"MU", kAf},
    {"MV", kAs}, {"MW", kAf}, {"MX", kNa}, {"MY", kAs}, {"MZ", kAf}, {"NA", kAf}, {"NC", kOc},
    {"NE", kAf}, {"NF", kOc}, {"NG", kAf}, {"NI", kNa}, {"NL", kEu}, {"NO", kEu}, {"NP", kAs},
    {"NR", kOc}, {"NU", kOc}, {"NZ", kOc}, {"OM", kAs}, {"PA", kNa}, {"PE", kSa}, {"PF", kOc},
    {"PG", kOc}, {"PH", kAs}, {"PK", kAs}, {"PL", kEu}, {"PM", kNa}, {"PN", kOc}, {"PR", kNa},
    {"PS", kAs}, {"PT", kEu}, {"PW", kOc}, {"PY", kSa}, {"QA", kAs}, {"RE", kAf}, {"RO", kEu},
    {"RS", kEu}, {"RU", kEu}, {"RW", kAf}, {"SA", kAs}, {"SB", kOc}, {"SC", kAf}, {"SD", kAf},
    {"SE", kEu}, {"SG", kAs}, {"SH", kAf}, {"SI", kEu}, {"SJ", kEu}, {"SK", kEu}, {"SL", kAf},
    {"SM", kEu}, {"SN", kAf}, {"SO", kAf}, {"SR", kSa}, {"SS", kAf}, {"ST", kAf}, {"SV", kNa},
    {"SX", kNa}, {"SY", kAs}, {"SZ", kAf}, {"TC", kNa}, {"TD", kAf}, {"TF", kAn}, {"TG", kAf},
    {"TH", kAs}, {"TJ", kAs}, {"TK", kOc}, {"TL", kAs}, {"TM", kAs}, {"TN", kAf}, {"TO", kOc},
    {"TR", kAs}, {"TT", kNa}, {"TV", kOc}, {"TW", kAs}, {"TZ", kAf}, {"UA", kEu}, {"UG", kAf},
    {"UM", kOc}, {"US", kNa}, {"UY", kSa}, {"UZ", kAs}, {"VA", kEu}, {"VC", kNa}, {"VE", kSa},
    {"VG", kNa}, {"VI", kNa}, {"VN", kAs}, {"VU", kOc}, {"WF", kOc}, {"WS", kOc}, {"XK", kEu},
    {"YE", kAs}, {"YT", kAf}, {"ZA", kAf}, {"ZM", kAf}, {"ZW", kAf},
});

constexpr std::size_t kLetters = 26;

constexpr auto kTexts = [] {
  std::array<std::array<char, 2>, CountryCode::kCount> texts{};
  for (std::size_t i = 1; i < texts.size(); ++i)
    texts[i] = {static_cast<char>('A' + (i - 1) / kLetters),
                static_cast<char>('A' + (i - 1) % kLetters)};
  return texts;
}();

std::optional<std::size_t> letter(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<std::size_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<std::size_t>(c - 'a');
  return std::nullopt;
}

}  // namespace

std::string_view continent_code(Continent continent) {
  return kContinentCodes[static_cast<std::size_t>(continent)];
}

std::optional<Continent> find_continent(std::string_view code) {
  const auto* const found = std::find(kContinentCodes.begin(), kContinentCodes.end(), code);
  if (found == kContinentCodes.end()) return std::nullopt;
  return static_cast<Continent>(found - kContinentCodes.begin());
}

std::optional<CountryCode> CountryCode::parse(std::string_view text) {
  if (text.size() != 2) return std::nullopt;
  const auto first = letter(text[0]);
  const auto second = letter(text[1]);
  if (!first || !second) return std::nullopt;
  return CountryCode(static_cast<std::uint16_t>(*first * kLetters + *second + 1));
}

std::optional<CountryCode> CountryCode::from_index(std::size_t index) {
  if (index == 0 || index >= kCount) return std::nullopt;
  return CountryCode(static_cast<std::uint16_t>(index));
}

std::string_view CountryCode::text() const {
  return {kTexts[index_].data(), 2};
}

std::span<const CountryFact> known_countries() {
  return kCountries;
}

}  // namespace mirrorway::net
