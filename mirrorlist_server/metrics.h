// What this process counts. Like the log, it is the process's own: whoever sees something worth
// counting says so in one line, count(Counter::kEndedHung). Parent and children share the numbers.
#pragma once

#include <array>
#include <cstdint>

#include "common/metrics/counters.h"
#include "common/metrics/histogram.h"
#include "common/metrics/shared_numbers.h"
#include "common/metrics/shared_slots.h"
#include "common/metrics/shared_text.h"

namespace mirrorway::mirrorlist_server {

#define MIRRORWAY_COUNTERS "mirrorlist_server/counters.def"
#include "common/metrics/define_counters.inc"

// One process's; those of all lie in shared memory (Parent).
struct Metrics {
  metrics::Counters<Counter> counters;
  metrics::Histogram lookup_time;  // from a decoded request to its encoded response
};

inline Metrics& own_metrics() noexcept {
  return metrics::own_numbers<Metrics>();
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
class SharedMetrics : public metrics::SharedNumbers<Metrics> {
 public:
  // Throws base::IoError.
  SharedMetrics();

  Notes& notes() const { return notes_[0]; }

  // In a new child: from now on it counts where few others do.
  void enter_child() noexcept;

 private:
  metrics::SharedSlots<Notes> notes_;
};

}  // namespace mirrorway::mirrorlist_server
