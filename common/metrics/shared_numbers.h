// The numbers of a program of several processes. `Numbers` is what one process counts: a struct of
// atomics with a member `counters` (Counters), and histograms if it has any.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/metrics/counters.h"
#include "common/metrics/histogram.h"
#include "common/metrics/shared_slots.h"

namespace mirrorway::metrics {

namespace detail {
template <typename Numbers>
inline constinit Numbers unshared{};
template <typename Numbers>
inline constinit Numbers* own = &unshared<Numbers>;
}  // namespace detail

// Those of this process. Always there: what nobody has asked for is counted for nobody.
template <typename Numbers>
Numbers& own_numbers() noexcept {
  return *detail::own<Numbers>;
}

// Those of all processes, in places that they share. Made before the first fork; one in a process.
// A program derives its own class, which knows who counts in which place.
template <typename Numbers>
class SharedNumbers {
 public:
  using Counters = decltype(Numbers::counters);
  using Name = typename Counters::Name;

  SharedNumbers(const SharedNumbers&) = delete;
  SharedNumbers& operator=(const SharedNumbers&) = delete;

  const Numbers& operator[](std::size_t place) const { return slots_[place]; }

  // Of all processes together.
  std::uint64_t total(Name name) const noexcept {
    return sum([name](const Numbers& numbers) { return numbers.counters.value(name); });
  }
  std::array<std::uint64_t, Counters::kSize> totals() const noexcept {
    std::array<std::uint64_t, Counters::kSize> totals{};
    for (std::size_t i = 0; i < totals.size(); ++i) totals[i] = total(static_cast<Name>(i));
    return totals;
  }
  Histogram::Values times(Histogram Numbers::*histogram) const noexcept {
    Histogram::Values values;
    for (std::size_t i = 0; i < slots_.size(); ++i) (slots_[i].*histogram).add_to(values);
    return values;
  }

 protected:
  // Throws base::IoError.
  explicit SharedNumbers(std::size_t places) : slots_(places) {}
  ~SharedNumbers() { count_for_nobody(); }

  std::size_t places() const noexcept { return slots_.size(); }
  Numbers& at(std::size_t place) noexcept { return slots_[place]; }
  // From now on this process counts there, or for nobody.
  void count_at(std::size_t place) noexcept { detail::own<Numbers> = &slots_[place]; }
  static void count_for_nobody() noexcept { detail::own<Numbers> = &detail::unshared<Numbers>; }

  // Of what `value` returns for each process.
  template <typename Value>
  std::uint64_t sum(const Value& value) const noexcept {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < slots_.size(); ++i) sum += value(slots_[i]);
    return sum;
  }

 private:
  SharedSlots<Numbers> slots_;
};

}  // namespace mirrorway::metrics
