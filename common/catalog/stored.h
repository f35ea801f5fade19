// How our types lie in columns: as BIGINT, DOUBLE PRECISION, TEXT or NULL. Private to this library.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "common/base/error.h"
#include "common/base/text.h"
#include "common/net/address.h"
#include "common/net/country.h"

namespace mirrorway::catalog {

// Stored<T>::Raw is what the database sees; from_raw throws base::Error for what T cannot hold.
template <typename T>
struct Stored;

[[noreturn]] inline void throw_damaged(std::string_view value, std::string_view expected) {
  throw base::Error("the catalog holds \"{}\" where {} is expected", base::printable(value),
                    expected);
}

template <std::integral T>
struct Stored<T> {
  using Raw = long long;
  static Raw to_raw(T value) { return static_cast<Raw>(value); }
  static T from_raw(Raw raw) {
    if constexpr (std::same_as<T, bool>) {
      return raw != 0;
    } else {
      if (!std::in_range<T>(raw)) throw_damaged(std::to_string(raw), "a smaller number");
      return static_cast<T>(raw);
    }
  }
};

template <typename T>
requires std::is_enum_v<T>
struct Stored<T> {
  using Raw = long long;
  static Raw to_raw(T value) { return static_cast<Raw>(value); }
  static T from_raw(Raw raw) { return static_cast<T>(raw); }
};

template <>
struct Stored<double> {
  using Raw = double;
  static Raw to_raw(double value) { return value; }
  static double from_raw(Raw raw) { return raw; }
};

template <>
struct Stored<std::string> {
  using Raw = std::string;
  static Raw to_raw(std::string_view value) { return Raw(value); }
  static std::string from_raw(const Raw& raw) { return raw; }
};

template <>
struct Stored<std::string_view> : Stored<std::string> {};

template <>
struct Stored<net::CountryCode> {
  using Raw = std::string;
  static Raw to_raw(net::CountryCode value) { return Raw(value.text()); }
  static net::CountryCode from_raw(const Raw& raw) {
    const auto code = net::CountryCode::parse(raw);
    if (!code) throw_damaged(raw, "a country code");
    return *code;
  }
};

template <>
struct Stored<net::Continent> {
  using Raw = std::string;
  static Raw to_raw(net::Continent value) { return Raw(net::continent_code(value)); }
  static net::Continent from_raw(const Raw& raw) {
    const auto continent = net::find_continent(raw);
    if (!continent) throw_damaged(raw, "a continent code");
    return *continent;
  }
};

template <>
struct Stored<net::Prefix> {
  using Raw = std::string;
  static Raw to_raw(const net::Prefix& value) { return value.text(); }
  static net::Prefix from_raw(const Raw& raw) {
    const auto prefix = net::Prefix::parse(raw);
    if (!prefix) throw_damaged(raw, "a netblock");
    return *prefix;
  }
};

}  // namespace mirrorway::catalog
