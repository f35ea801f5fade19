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

double negative_log(std::uint64_t bits) {
  // u = (k + 1/2) / 2^52 is exact in a double and neither 0 nor 1.
  constexpr double kScale = 1.0 / 4503599627370496.0;
  const double u = (static_cast<double>(bits >> 12U) + 0.5) * kScale;

  // u = m · 2^e with m in [√½, √2): then ln u = e·ln 2 + 2·artanh((m−1)/(m+1)).
  constexpr std::uint64_t kMantissa = (std::uint64_t{1} << 52U) - 1;
  constexpr std::uint64_t kExponentOfOne = 1023;
  const auto raw = std::bit_cast<std::uint64_t>(u);
  double m = std::bit_cast<double>((raw & kMantissa) | kExponentOfOne << 52U);
  double e = static_cast<double>(static_cast<std::int64_t>(raw >> 52U) -
                                 static_cast<std::int64_t>(kExponentOfOne));
  constexpr double kSqrt2 = 1.41421356237309514547;
  if (m >= kSqrt2) {
    m *= 0.5;
    e += 1.0;
  }
  const double t = (m - 1.0) / (m + 1.0);
  const double t2 = t * t;
  // artanh's series; |t| < 0.1716, so the first term left out is below 1e-13.
  double sum = 1.0 / 15.0;
  for (const double c : {1.0 / 13.0, 1.0 / 11.0, 1.0 / 9.0, 1.0 / 7.0, 1.0 / 5.0, 1.0 / 3.0, 1.0})
    sum = sum * t2 + c;
  constexpr double kLn2 = 0.693147180559945309417;
  return -(e * kLn2 + 2.0 * t * sum);
}

double rank_key(std::uint64_t seed, std::uint64_t host_id, std::uint32_t weight) {
  return negative_log(mix(seed + kGolden * host_id)) / static_cast<double>(weight);
}

}  // namespace mirrorway::selection
