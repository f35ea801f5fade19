// What this process counts. Like the log, it is the process's own: whoever sees something worth
// counting says so in one line, count(Counter::kRequestsLimited).
#pragma once

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/metrics/counters.h"
#include "common/metrics/histogram.h"
#include "common/metrics/shared_numbers.h"
#include "proto/lookup.pb.h"

namespace mirrorway::mirrorlist_client {

#define MIRRORWAY_COUNTERS "mirrorlist_client/counters.def"
#include "common/metrics/define_counters.inc"

// Answers by form, status and tier.
class RequestCounts {
 public:
  // In the order of their lines; 0 stands for all others.
  static constexpr std::array<std::uint16_t, 13> kStatuses{200, 302, 400, 404, 405, 413, 414,
                                                           429, 431, 501, 503, 505, 0};
  static constexpr std::size_t kForms = proto::Form_ARRAYSIZE + 1;  // the last: not known
  static constexpr std::size_t kTiers = proto::Tier_ARRAYSIZE;

  // No form: the request was refused before it was known.
  void add(std::optional<proto::Form> form, unsigned status, proto::Tier tier) noexcept;
  std::uint64_t value(std::size_t form, std::size_t status, std::size_t tier) const noexcept {
    return counts_[form][status][tier].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::array<std::array<std::atomic<std::uint64_t>, kTiers>, kStatuses.size()>, kForms>
      counts_{};
};

// One process's; those of all lie in shared memory (Supervisor).
struct Metrics {
  std::atomic<pid_t> pid{0};  // of the process that counts there; 0: none does
  metrics::Counters<Counter> counters;
  RequestCounts requests;
  metrics::Histogram answer_time;  // from a request's head to its answer
  metrics::Histogram lookup_time;  // from asking mirrorlist_server to its response
};

inline Metrics& own_metrics() noexcept {
  return metrics::own_numbers<Metrics>();
}
inline void count(Counter counter, std::uint64_t n = 1) noexcept {
  own_metrics().counters.add(counter, n);
}

// The numbers of all processes of the program, a place for each. Made before they are forked; the
// process that makes it takes the last place.
class SharedMetrics : public metrics::SharedNumbers<Metrics> {
 public:
  // Throws base::IoError.
  explicit SharedMetrics(std::size_t places);

  // From now on this process counts there. The gauges that another process has left become 0.
  void take_place(std::size_t place) noexcept;
  // As take_place, but what this process counts is not to be reported.
  void take_place_silently(std::size_t place) noexcept;
  // After the end of a process: the state that its gauges tell is no more.
  void leave_place(std::size_t place) noexcept;

  // Of all processes together.
  std::uint64_t requests(std::size_t form, std::size_t status, std::size_t tier) const noexcept;
  // Of those that count now.
  std::vector<pid_t> pids() const;
};

}  // namespace mirrorway::mirrorlist_client
