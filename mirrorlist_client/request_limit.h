// How many requests each network may send: a token bucket for each, shared by all workers.
//
// A network is an IPv4 /24 or an IPv6 /48: what is handed to one customer or one office at most,
// and about as many people. (A customer who has a /56 shares the bucket with 255 neighbours, as one
// behind carrier-grade NAT does; limiting each /56 would give whoever has a /48, which tunnel
// brokers hand out for nothing, 256 times as much as everyone else.)
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "common/metrics/shared_slots.h"
#include "common/net/address.h"

namespace mirrorway::mirrorlist_client {

// The network of a client, as above.
net::Prefix limited_network(const net::Address& client);

// A table of fixed size in memory that is shared with every process forked later. A bucket is one
// number, the time at which it is full again (the generic cell rate algorithm), so that an entry
// whose time has passed means as much as none: entries age by themselves, and a place is always
// free for those that matter. When one set has no aged place, the entry nearest to full makes way,
// never the flood's. Neither locks nor allocates.
class RequestLimit {
 public:
  using Clock = std::chrono::steady_clock;

  struct Settings {
    std::uint32_t per_second = 100;
    std::uint32_t burst = 1000;  // at once, after a pause
  };
  static constexpr std::uint32_t kMostPerSecond = 100'000;
  static constexpr std::uint32_t kMostBurst = 10'000'000;

  // Neither number is 0. Whoever knows `seed` could choose networks that share a bucket (one in
  // some thousands does, by chance); it should be random. Throws base::IoError.
  RequestLimit(Settings settings, std::uint64_t seed, Clock::time_point start);

  const Settings& settings() const { return settings_; }

  // Takes a token. Without one: how long until there is one again.
  std::optional<std::chrono::microseconds> refuse(const net::Address& client,
                                                  Clock::time_point now) noexcept;

 private:
  static constexpr std::size_t kSets = 2048;
  static constexpr std::size_t kWays = 8;  // a cache line
  // 16 bits that tell networks of one set apart, 48 bits of microseconds since start_.
  using Entry = std::atomic<std::uint64_t>;
  static_assert(Entry::is_always_lock_free, "a lock would not work across processes");
  struct Table {
    std::array<std::array<Entry, kWays>, kSets> sets{};
  };

  Settings settings_;
  std::uint64_t seed_;
  Clock::time_point start_;
  std::uint64_t interval_;   // microseconds from token to token
  std::uint64_t tolerance_;  // microseconds that a bucket takes from empty to full
  metrics::SharedSlots<Table> table_;
};

}  // namespace mirrorway::mirrorlist_client
