#include "mirrorlist_server/status.h"

#include <algorithm>
#include <string>

#include "common/metrics/families.h"

namespace mirrorway::mirrorlist_server {
namespace {

void add_snapshot(const StatusSource& source, const snapshot::Image& image,
                  std::chrono::system_clock::time_point now, metrics::Families& families) {
  const auto written = static_cast<std::int64_t>(source.metrics.total(Counter::kSnapshotWritten));
  const auto age =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count() - written;
  metrics::add_single(proto::GAUGE, "server_snapshot_age_seconds",
                      "Time since the snapshot file loaded last was written",
                      static_cast<double>(std::max<std::int64_t>(age, 0)), families);
  metrics::add_metric(
      fmt::format("sha256={}", source.snapshot_digest), 1,
      metrics::add_family(proto::GAUGE, "server_snapshot_info",
                          "The snapshot that answers, by the SHA-256 of its file", families));
  auto& content = metrics::add_family(proto::GAUGE, "server_snapshot_entries",
                                      "What is in the snapshot that answers", families);
  const auto add = [&content](std::string_view labels, std::size_t count) {
    metrics::add_metric(labels, static_cast<double>(count), content);
  };
  add("what=hosts", image.hosts().size());
  add("what=directories", image.directories().size());
  add("what=repositories", image.repositories().size());
}

}  // namespace

proto::ServerStatus report_status(const StatusSource& source, const snapshot::Image& image,
                                  std::chrono::system_clock::time_point now) {
  proto::ServerStatus status;
  status.set_snapshot_digest(std::string(source.snapshot_digest));
  status.set_snapshot_generation(source.metrics.total(Counter::kSnapshotGeneration));
  status.set_snapshot_written(source.metrics.total(Counter::kSnapshotWritten));
  status.set_snapshot_problem(source.metrics.notes().snapshot_problem.get());
  status.set_geolocation_problem(source.metrics.notes().geolocation_problem.get());
  if (!image.repositories().empty()) {
    const auto& repository = image.repositories().front();
    status.set_repository(std::string(image.text(repository.name)));
    status.set_architecture(std::string(image.text(repository.architecture)));
  }
  auto& families = *status.mutable_metrics();
  metrics::add_counters("server_", kDescriptions, source.metrics.totals(), families);
  metrics::add_histogram("server_lookup_seconds",
                         "Time from a decoded lookup to its encoded response, in a child",
                         source.metrics.times(&Metrics::lookup_time), families);
  add_snapshot(source, image, now, families);
  return status;
}

}  // namespace mirrorway::mirrorlist_server
