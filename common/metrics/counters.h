// Numbers with names, added to by several processes without locks.
//
//   enum class Counter { kForks, kChildren, kEnd };
//   Counters<Counter> counters;               // in memory that the processes share
//   counters.add(Counter::kForks);
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mirrorway::metrics {

enum class Kind : std::uint8_t {
  kCounter,  // only grows
  kGauge,    // goes up and down, and ends with the process whose state it tells
};

// How the world sees a number. Lines of one metric, which differ in their labels, stand together.
struct Description {
  Kind kind;
  std::string_view metric;
  std::string_view labels;  // "reason=idle,side=client"; empty: none
  std::string_view help;    // the same for all lines of a metric
};

// `NameType` is an enumeration from 0 whose last member is kEnd. Any process may call anything at
// any time. All zero at first.
template <typename NameType>
class Counters {
 public:
  using Name = NameType;
  static constexpr auto kSize = static_cast<std::size_t>(Name::kEnd);

  void add(Name name, std::uint64_t count = 1) noexcept {
    at(name).fetch_add(count, std::memory_order_relaxed);
  }
  void set(Name name, std::uint64_t value) noexcept {
    at(name).store(value, std::memory_order_relaxed);
  }
  std::uint64_t value(Name name) const noexcept {
    return values_[static_cast<std::size_t>(name)].load(std::memory_order_relaxed);
  }

 private:
  using Value = std::atomic<std::uint64_t>;
  static_assert(Value::is_always_lock_free, "a lock would not work across processes");

  Value& at(Name name) noexcept { return values_[static_cast<std::size_t>(name)]; }

  std::array<Value, kSize> values_{};
};

}  // namespace mirrorway::metrics
