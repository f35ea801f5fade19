#include "mirrorlist_client/request_limit.h"

#include <algorithm>

namespace mirrorway::mirrorlist_client {
namespace {

constexpr std::uint64_t kMicroseconds = 1'000'000;
constexpr unsigned kTimeBits = 48;
constexpr std::uint64_t kTimeMask = (std::uint64_t{1} << kTimeBits) - 1;
// Workers that change one entry at the same time try again; one that never wins is let through.
constexpr int kAttempts = 8;

constexpr unsigned network_bits(net::Family family) {
  return family == net::Family::kIpv4 ? 24 : 48;
}

// splitmix64's finaliser: every bit of the input has a say in every bit of the output.
std::uint64_t mixed(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

// The bits of the network, and the family.
std::uint64_t network_number(const net::Address& client) noexcept {
  const std::string_view bytes = client.bytes();
  std::uint64_t number = client.family() == net::Family::kIpv4 ? 1 : 2;
  for (std::size_t i = 0; i < network_bits(client.family()) / 8; ++i)
    number = number << 8U | static_cast<unsigned char>(bytes[i]);
  return number;
}

}  // namespace

net::Prefix limited_network(const net::Address& client) {
  const unsigned bits = network_bits(client.family());
  return *net::Prefix::make(client.masked(bits), bits);
}

RequestLimit::RequestLimit(Settings settings, std::uint64_t seed, Clock::time_point start)
    : settings_(settings),
      seed_(seed),
      start_(start),
      interval_(kMicroseconds / settings.per_second),
      tolerance_(interval_ * settings.burst),
      table_(1) {}

std::optional<std::chrono::microseconds> RequestLimit::refuse(const net::Address& client,
                                                              Clock::time_point now) noexcept {
  const auto elapsed = std::chrono::duration_cast<std::chrono::microseconds>(now - start_).count();
  // A full bucket's time is in the past, and 0 stands for no entry.
  const std::uint64_t time = static_cast<std::uint64_t>(std::max<std::int64_t>(elapsed, 0)) + 1;
  const std::uint64_t hash = mixed(mixed(network_number(client) + seed_) ^ seed_);
  const std::uint64_t tag = hash & ~kTimeMask;
  auto& set = table_[0].sets[hash % kSets];
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    Entry* entry = nullptr;
    std::uint64_t old = 0;
    for (Entry& candidate : set) {
      const std::uint64_t value = candidate.load(std::memory_order_relaxed);
      const bool is_own = (value & ~kTimeMask) == tag;
      if (!entry || is_own || (value & kTimeMask) < (old & kTimeMask)) {
        entry = &candidate;
        old = value;
      }
      if (is_own) break;
    }
    const std::uint64_t full_at = (old & ~kTimeMask) == tag ? old & kTimeMask : 0;
    const std::uint64_t next = std::max(full_at, time) + interval_;
    if (next > time + tolerance_) return std::chrono::microseconds(next - time - tolerance_);
    if (entry->compare_exchange_weak(old, tag | (next & kTimeMask), std::memory_order_relaxed))
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace mirrorway::mirrorlist_client
