#include "common/selection/rank.h"

#include <bit>
#include <cfloat>

namespace mirrorway::selection {
namespace {

static_assert(FLT_EVAL_METHOD == 0, "the order of mirrors needs plain IEEE double arithmetic");

// The finaliser of splitmix64: every input bit flips every output bit with probability 1/2.
constexpr std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15U;  // spreads neighbouring ids apart

constexpr unsigned kIpv4NetworkBits = 24;
constexpr unsigned kIpv6NetworkBits = 56;

std::uint64_t network_hash(const net::Address& client) {
  const bool is_ipv4 = client.family() == net::Family::kIpv4;
  const net::Address network = client.masked(is_ipv4 ? kIpv4NetworkBits : kIpv6NetworkBits);
  std::uint64_t hash = is_ipv4 ? 4 : 6;
  std::uint64_t word = 0;
  unsigned bytes = 0;
  for (const char byte : network.bytes()) {
    word = word << 8U | static_cast<unsigned char>(byte);
    if (++bytes % 8 == 0 || bytes == network.bytes().size()) {
      hash = mix(hash + kGolden + word);
      word = 0;
    }
  }
  return hash;
}

// (k + 1/2) / 2^52 is exact in a double and neither 0 nor 1.
double uniform(std::uint64_t draw) {
  constexpr double kScale = 1.0 / 4503599627370496.0;
  return (static_cast<double>(static_cast<std::int64_t>(draw >> 12U)) + 0.5) * kScale;
}

}  // namespace

std::uint64_t client_seed(const net::Address& client, std::chrono::system_clock::time_point now,
                          std::chrono::milliseconds rotation) {
  const std::uint64_t network = network_hash(client);
  const auto length = static_cast<std::uint64_t>(rotation.count());
  const auto since_epoch = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count());
  const std::uint64_t period = (since_epoch + network % length) / length;
  return mix(network + kGolden * period);
}

double negative_log(std::uint64_t draw) {
  const double u = uniform(draw);

  // u = m · 2^e with m in [√½, √2): then ln u = e·ln 2 + 2·artanh((m−1)/(m+1)).
  constexpr std::uint64_t kMantissa = (std::uint64_t{1} << 52U) - 1;
  constexpr std::uint64_t kExponentOfOne = 1023;
  const auto raw = std::bit_cast<std::uint64_t>(u);
  auto m = std::bit_cast<double>((raw & kMantissa) | kExponentOfOne << 52U);
  auto e = static_cast<double>(static_cast<std::int64_t>(raw >> 52U) -
                               static_cast<std::int64_t>(kExponentOfOne));
  constexpr double kSqrt2 = 1.41421356237309514547;
  // Without a branch, which would be guessed wrong half of the time.
  const auto is_above = static_cast<double>(static_cast<int>(m >= kSqrt2));
  m *= 1.0 - 0.5 * is_above;
  e += is_above;
  const double t = (m - 1.0) / (m + 1.0);
  const double t2 = t * t;
  // artanh's series; |t| < 0.1716, so the first term left out is below 1e-13.
  double sum = 1.0 / 15.0;
  for (const double c : {1.0 / 13.0, 1.0 / 11.0, 1.0 / 9.0, 1.0 / 7.0, 1.0 / 5.0, 1.0 / 3.0, 1.0})
    sum = sum * t2 + c;
  constexpr double kLn2 = 0.693147180559945309417;
  return -(e * kLn2 + 2.0 * t * sum);
}

std::uint64_t host_draw(std::uint64_t seed, std::uint64_t host_id) {
  return mix(seed + kGolden * host_id);
}

double rank_key(std::uint64_t draw, std::uint32_t weight) {
  return negative_log(draw) / static_cast<double>(weight);
}

double least_rank_key(std::uint64_t draw, std::uint32_t weight) {
  // The first term of the series above: −ln u > 2·(1−u)/(1+u). The margin is far above what
  // rounding can do to either side.
  constexpr double kMargin = 0.999999;
  const double u = uniform(draw);
  return kMargin * 2.0 * (1.0 - u) / ((1.0 + u) * static_cast<double>(weight));
}

}  // namespace mirrorway::selection
