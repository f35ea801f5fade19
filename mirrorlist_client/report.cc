#include "mirrorlist_client/report.h"

#include <fmt/format.h>

#include <string>

#include "common/base/version.h"
#include "common/metrics/memory.h"
#include "proto/names.h"

namespace mirrorway::mirrorlist_client {
namespace {

std::string_view form_label(std::size_t form) {
  return form + 1 < RequestCounts::kForms ? proto::form_name(static_cast<proto::Form>(form))
                                          : "unknown";
}

std::string status_label(std::size_t status) {
  const unsigned code = RequestCounts::kStatuses[status];
  return code == 0 ? "other" : std::to_string(code);
}

std::string_view tier_label(std::size_t tier) {
  return tier == proto::NONE ? "none" : proto::tier_name(static_cast<proto::Tier>(tier));
}

// Those that have happened: most combinations never do.
void add_requests(const SharedMetrics& shared, metrics::Families& families) {
  auto& family = metrics::add_family(
      proto::COUNTER, "http_requests_total",
      "Requests answered, by form of the answer, status and the first tier that gave a mirror",
      families);
  for (std::size_t form = 0; form < RequestCounts::kForms; ++form)
    for (std::size_t status = 0; status < RequestCounts::kStatuses.size(); ++status)
      for (std::size_t tier = 0; tier < RequestCounts::kTiers; ++tier)
        if (const auto count = shared.requests(form, status, tier); count > 0)
          metrics::add_metric(fmt::format("form={},status={},tier={}", form_label(form),
                                          status_label(status), tier_label(tier)),
                              static_cast<double>(count), family);
}

void add_memory(const SharedMetrics& shared, metrics::Families& families) {
  const metrics::Memory memory = metrics::measure_memory(shared.pids());
  metrics::add_single(proto::GAUGE, "http_memory_bytes",
                      "Proportional set size of all processes of the front end",
                      static_cast<double>(memory.bytes), families);
  auto& processes = metrics::add_family(
      proto::GAUGE, "http_memory_processes",
      "Processes that http_memory_bytes is of, and those that the kernel tells nothing of",
      families);
  metrics::add_metric("measured=yes", static_cast<double>(memory.measured), processes);
  metrics::add_metric("measured=no", static_cast<double>(memory.unmeasured), processes);
}

}  // namespace

metrics::Families report_front_end(const SharedMetrics& shared) {
  metrics::Families families;
  metrics::add_metric(fmt::format("version={}", base::kVersion), 1,
                      metrics::add_family(proto::GAUGE, "build_info",
                                          "The version of this mirrorlist_client", families));
  add_requests(shared, families);
  metrics::add_histogram("http_answer_seconds",
                         "Time from a request's head to its answer, with everything between",
                         shared.times(&Metrics::answer_time), families);
  metrics::add_histogram("lookup_seconds",
                         "Time from asking mirrorlist_server to its response, with waiting for a "
                         "connection and asking again",
                         shared.times(&Metrics::lookup_time), families);
  metrics::add_counters({}, kDescriptions, shared.totals(), families);
  add_memory(shared, families);
  return families;
}

}  // namespace mirrorway::mirrorlist_client
