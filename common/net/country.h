// Countries and continents. A country is known by its ISO 3166-1 alpha-2 code in upper case.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace mirrorway::net {

enum class Continent : std::uint8_t { kAf, kAn, kAs, kEu, kNa, kOc, kSa };
inline constexpr std::size_t kContinents = 7;

// "AF", "AN", …
std::string_view continent_code(Continent continent);
// Upper case only.
std::optional<Continent> find_continent(std::string_view code);

// Two letters as one number, for tables indexed by country; never 0.
class CountryCode {
 public:
  static constexpr std::size_t kCount = 26 * 26 + 1;

  // Either case; nullopt unless it is two ASCII letters. Whether the code is assigned is another
  // question: operators may use codes that ISO leaves free.
  static std::optional<CountryCode> parse(std::string_view text);
  // The inverse of index().
  static std::optional<CountryCode> from_index(std::size_t index);

  std::size_t index() const { return index_; }
  // Upper case; lives for ever.
  std::string_view text() const;

  friend auto operator<=>(const CountryCode&, const CountryCode&) = default;

 private:
  explicit CountryCode(std::uint16_t index) : index_(index) {}

  std::uint16_t index_;
};

struct CountryFact {
  std::string_view code;
  Continent continent;
};

// The 249 countries of ISO 3166-1 and XK (Kosovo, which ISO leaves to its users), by code.
std::span<const CountryFact> known_countries();

}  // namespace mirrorway::net
