// What geolocation knows about one address.
#pragma once

#include <cstdint>
#include <optional>

#include "common/net/country.h"

namespace mirrorway::geo {

struct Coordinates {
  double latitude = 0;   // degrees, north positive, -90 to 90
  double longitude = 0;  // degrees, east positive, -180 to 180
  // Of the circle that holds the client, where the file says so.
  std::optional<std::uint16_t> radius_km;
};

struct GeoAnswer {
  std::optional<net::CountryCode> country;
  // Only when the files know no country but one of the pseudo codes that mean a continent: EU, AP
  // (Asia and Pacific) and AN (Netherlands Antilles, dissolved).
  std::optional<net::Continent> continent_hint;
  std::optional<std::uint32_t> asn;  // never 0
  // Only when the file names the city: otherwise they are the middle of the country, which would
  // send everyone there to whoever is next to that point.
  std::optional<Coordinates> coordinates;
};

}  // namespace mirrorway::geo
