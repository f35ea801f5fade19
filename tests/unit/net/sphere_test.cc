#include "common/net/sphere.h"

#include <bit>
#include <cmath>
#include <cstdint>

#include <catch2/catch.hpp>

using namespace mirrorway;
using net::Point;
using net::point_at;

namespace {

double degrees_apart(const Point& a, const Point& b) {
  return std::acos(std::min(1.0, nearness(a, b))) * 180 / M_PI;
}

}  // namespace

TEST_CASE("points are where the sphere has them") {
  for (int i = -20; i <= 20; ++i) {
    for (int j = -30; j <= 30; ++j) {
      const double latitude = i * 4.5;
      const double longitude = j * 6;
      const Point point = point_at(latitude, longitude);
      const double phi = latitude * M_PI / 180;
      const double lambda = longitude * M_PI / 180;
      REQUIRE(std::abs(point.x - std::cos(phi) * std::cos(lambda)) < 1e-15);
      REQUIRE(std::abs(point.y - std::cos(phi) * std::sin(lambda)) < 1e-15);
      REQUIRE(std::abs(point.z - std::sin(phi)) < 1e-15);
    }
  }
}

TEST_CASE("distances are those of great circles") {
  struct Row {
    const char* what;
    Point from;
    Point to;
    double km;
  };
  const auto row = GENERATE(values<Row>({
      {"the same place", point_at(50.1, 8.7), point_at(50.1, 8.7), 0},
      {"a degree of the equator", point_at(0, 0), point_at(0, 1), 111.195},
      {"Paris to New York", point_at(48.8566, 2.3522), point_at(40.7128, -74.006), 5837},
      {"across the date line", point_at(-18, 179.5), point_at(-18, -179.5), 105.75},
      {"over the pole", point_at(89, 0), point_at(89, 180), 222.39},
      {"pole to pole", point_at(90, 0), point_at(-90, 77), 20015.1},
      {"one metre", point_at(50, 8), point_at(50.000009, 8), 0.001},
  }));
  CAPTURE(row.what);
  CHECK(distance_km(row.from, row.to) == Approx(row.km).epsilon(0.002).margin(1e-4));
}

TEST_CASE("the date line is no border") {
  CHECK(degrees_apart(point_at(10, 180), point_at(10, -180)) < 1e-6);
}

// The order of mirrors depends on these bits: another value here is another order on that machine.
TEST_CASE("points have the same bits everywhere") {
  const Point point = point_at(52.520008, 13.404954);
  CHECK(std::bit_cast<std::uint64_t>(point.x) == 0x3FE2F0E652BF6CEB);
  CHECK(std::bit_cast<std::uint64_t>(point.y) == 0x3FC20E74A492FD7D);
  CHECK(std::bit_cast<std::uint64_t>(point.z) == 0x3FE964E442E7477C);
}
