// Points on the Earth as vectors, and how far apart they are. The Earth is a sphere here; the real
// one differs by 0.5 % at most.
#pragma once

namespace mirrorway::net {

// A unit vector from the Earth's centre: neither the date line nor a pole is special to it.
struct Point {
  double x = 1;
  double y = 0;
  double z = 0;

  friend bool operator==(const Point&, const Point&) = default;
};

// Degrees, north and east positive, |latitude| <= 90, |longitude| <= 180. Bit-identical on every
// machine, as the order of mirrors depends on it: no libm, whose rounding differs between versions.
Point point_at(double latitude, double longitude);

// The cosine of the angle between two points, bit-identical as well. The nearer, the greater.
inline double nearness(const Point& a, const Point& b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}

// Great-circle distance. Its last bits depend on the machine: for people, not for decisions.
double distance_km(const Point& a, const Point& b);

}  // namespace mirrorway::net
