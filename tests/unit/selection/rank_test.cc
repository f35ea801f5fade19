#include "common/selection/rank.h"

#include <array>
#include <cmath>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/network.h"

using namespace mirrorway;
using namespace std::chrono_literals;
using selection::client_seed;
using selection::host_draw;
using selection::negative_log;

namespace {

constexpr std::chrono::system_clock::time_point kNow{1'700'000'000s};

double rank_key(std::uint64_t seed, std::uint64_t host_id, std::uint32_t weight) {
  return selection::rank_key(host_draw(seed, host_id), weight);
}

std::uint64_t nth_seed(unsigned n) {
  const std::string text = fmt::format("{}.{}.{}.1", 1 + n / 65536, n / 256 % 256, n % 256);
  return client_seed(tests::address(text), kNow, 24h);
}

}  // namespace

TEST_CASE("the logarithm is right to eleven digits over its whole range") {
  for (int shift = 0; shift < 52; ++shift) {
    for (const std::uint64_t low : {UINT64_C(0), UINT64_C(0x0123456789ABCDEF)}) {
      for (const std::uint64_t bits : {(UINT64_MAX >> shift) - (low >> shift),
                                       (~(UINT64_MAX >> shift)) + (low >> (shift + 1))}) {
        const double u = (static_cast<double>(bits >> 12) + 0.5) / 4503599627370496.0;
        CAPTURE(bits);
        CHECK(negative_log(bits) == Approx(-std::log(u)).epsilon(1e-11));
        CHECK(negative_log(bits) > 0);
      }
    }
  }
}

// Every front end must compute these very bits, whatever its processor and compiler. The values
// come from the same formulas in another language.
TEST_CASE("keys are the same bits on every machine") {
  const std::uint64_t v4 = client_seed(tests::address("192.0.2.77"), kNow, 24h);
  const std::uint64_t v6 = client_seed(tests::address("2001:db8:1:2345::1"), kNow, 24h);
  CHECK(v4 == UINT64_C(14891740838904321626));
  CHECK(v6 == UINT64_C(8243374637469872019));
  CHECK(rank_key(v4, 1, 1000) == 0x1.78453f8eac378p-11);
  CHECK(rank_key(v6, 4711, 7) == 0x1.28f08b077a73dp-8);
}

TEST_CASE("clients of one /24 or /56 share their order, neighbours do not") {
  const auto seed = [](const char* text) { return client_seed(tests::address(text), kNow, 24h); };
  CHECK(seed("192.0.2.1") == seed("192.0.2.254"));
  CHECK(seed("192.0.2.1") != seed("192.0.3.1"));
  CHECK(seed("2001:db8:0:100::1") == seed("2001:db8:0:1ff::1"));
  CHECK(seed("2001:db8:0:100::1") != seed("2001:db8:0:200::1"));
}

TEST_CASE("each client's order changes once in a rotation, not all at one moment") {
  unsigned changed_in_first_hour = 0;
  constexpr unsigned kClients = 2000;
  for (unsigned n = 0; n < kClients; ++n) {
    const auto client = tests::address(fmt::format("10.{}.{}.1", n / 256, n % 256));
    unsigned changes = 0;
    for (int hour = 0; hour < 24; ++hour) {
      const auto at = kNow + std::chrono::hours(hour);
      const bool changes_now = client_seed(client, at, 24h) != client_seed(client, at + 1h, 24h);
      changes += changes_now ? 1 : 0;
      if (hour == 0 && changes_now) ++changed_in_first_hour;
    }
    REQUIRE(changes == 1);
  }
  CHECK(changed_in_first_hour > kClients / 24 / 2);
  CHECK(changed_in_first_hour < kClients / 24 * 2);
}

TEST_CASE("over many clients a host is first in proportion to its weight, within 3 %") {
  struct Host {
    std::uint64_t id;
    std::uint32_t weight;
    double first = 0;
  };
  std::vector<Host> hosts{{1, 10'000}, {2, 1000}, {3, 1000}, {40, 5000}, {500, 2500}};
  constexpr unsigned kClients = 400'000;
  for (unsigned n = 0; n < kClients; ++n) {
    const std::uint64_t seed = nth_seed(n);
    Host* best = &hosts[0];
    for (Host& host : hosts)
      if (rank_key(seed, host.id, host.weight) < rank_key(seed, best->id, best->weight))
        best = &host;
    ++best->first;
  }
  for (const Host& host : hosts) {
    CAPTURE(host.id);
    CHECK(host.first / kClients == Approx(host.weight / 19'500.0).epsilon(0.03));
  }
}

TEST_CASE("the lower bound of a key is one, and close for the better half of all draws") {
  for (unsigned n = 0; n < 100'000; ++n) {
    const std::uint64_t draw = host_draw(nth_seed(n), n % 7);
    const std::uint32_t weight = 1 + n % 1000;
    const double key = selection::rank_key(draw, weight);
    const double bound = selection::least_rank_key(draw, weight);
    REQUIRE(bound <= key);
    if (draw >> 63U != 0) REQUIRE(bound > 0.95 * key);
  }
  for (const std::uint64_t draw : {UINT64_C(0), UINT64_MAX}) {
    CHECK(selection::least_rank_key(draw, 1) <= selection::rank_key(draw, 1));
    CHECK(selection::least_rank_key(draw, UINT32_MAX) <= selection::rank_key(draw, UINT32_MAX));
  }
}
