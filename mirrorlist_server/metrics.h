// What this process counts. Like the log, it is the process's own: whoever sees something worth
// counting says so in one line, count(Counter::kEndedHung). Parent and children share the numbers.
#pragma once

#include <cstdint>

#include "common/metrics/counters.h"
#include "common/metrics/histogram.h"
#include "common/metrics/shared_slots.h"
#include "common/metrics/shared_text.h"

namespace mirrorway::mirrorlist_server {

enum class Counter : std::uint8_t {
#define COUNTER(name, metric, labels, help) name,
#define GAUGE(name, metric, labels, help) name,
#include "mirrorlist_server/counters.def"
#undef COUNTER
#undef GAUGE
  kEnd
};

// One process's; those of all lie in shared memory (Parent).
struct Metrics {
  metrics::Counters<Counter> counters;
  metrics::Histogram lookup_time;  // from a decoded request to its encoded response
};

namespace detail {
extern constinit Metrics* process_metrics;
}

// Never null: what nobody has asked for is counted for nobody.
inline Metrics& own_metrics() noexcept {
  return *detail::process_metrics;
}
inline void count(Counter counter, std::uint64_t n = 1) noexcept {
  own_metrics().counters.add(counter, n);
}

// The parent's words.
struct Notes {
  metrics::SharedText snapshot_problem;  // why the file offered last was refused; empty: it was not
  metrics::SharedText geolocation_problem;
};

// The numbers of all processes of the program. Made by the parent, which counts in the first place;
// its children share the others.
class SharedMetrics {
 public:
  // Throws base::IoError.
  SharedMetrics();
  SharedMetrics(const SharedMetrics&) = delete;
  SharedMetrics& operator=(const SharedMetrics&) = delete;
  ~SharedMetrics();

  // Of all processes together.
  std::uint64_t total(Counter counter) const noexcept;
  metrics::Histogram::Values lookup_time() const noexcept;
  Notes& notes() const { return notes_[0]; }

  // In a new child: from now on it counts where few others do.
  void enter_child() noexcept;

 private:
  metrics::SharedSlots<Metrics> slots_;
  metrics::SharedSlots<Notes> notes_;
};

}  // namespace mirrorway::mirrorlist_server
