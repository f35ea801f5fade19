#include "common/net/sphere.h"

#include <algorithm>
#include <cmath>

namespace mirrorway::net {
namespace {

constexpr double kEarthRadiusKm = 6371.0088;  // mean radius (IUGG)

struct SineAndCosine {
  double sine;
  double cosine;
};

// By Taylor's series for |angle| <= 45 degrees: the first terms left out are below 1e-16.
SineAndCosine small_angle(double degrees) {
  constexpr double kRadiansPerDegree = 0.017453292519943295;
  const double x = degrees * kRadiansPerDegree;
  const double x2 = x * x;
  double sine = 1;
  double cosine = 1;
  for (int n = 16; n >= 2; n -= 2) {
    sine = 1 - sine * x2 / (n * (n + 1));
    cosine = 1 - cosine * x2 / (n * (n - 1));
  }
  return {sine * x, cosine};
}

SineAndCosine sine_and_cosine(double degrees) {
  constexpr double kQuarter = 90;
  const int quarters = static_cast<int>(degrees / kQuarter + (degrees < 0 ? -0.5 : 0.5));
  const auto [sine, cosine] = small_angle(degrees - kQuarter * quarters);
  switch (quarters & 3) {
    case 1:
      return {cosine, -sine};
    case 2:
      return {-sine, -cosine};
    case 3:
      return {-cosine, sine};
    default:
      return {sine, cosine};
  }
}

}  // namespace

Point point_at(double latitude, double longitude) {
  const auto [sin_latitude, cos_latitude] = sine_and_cosine(latitude);
  const auto [sin_longitude, cos_longitude] = sine_and_cosine(longitude);
  return {cos_latitude * cos_longitude, cos_latitude * sin_longitude, sin_latitude};
}

double distance_km(const Point& a, const Point& b) {
  // By the chord: the arc cosine of their nearness would lose the last kilometres.
  const double chord = std::hypot(a.x - b.x, a.y - b.y, a.z - b.z);
  return 2 * std::asin(std::min(1.0, chord / 2)) * kEarthRadiusKm;
}

}  // namespace mirrorway::net
