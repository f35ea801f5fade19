#include "common/metrics/families.h"

#include "common/base/error.h"
#include "common/base/text.h"

namespace mirrorway::metrics {

proto::MetricFamily& add_family(proto::MetricKind kind, std::string_view name,
                                std::string_view help, Families& families) {
  proto::MetricFamily& family = *families.Add();
  family.set_kind(kind);
  family.set_name(fmt::format("mirrorway_{}", name));
  family.set_help(std::string(help));
  return family;
}

void add_metric(std::string_view labels, double value, proto::MetricFamily& family) {
  proto::Metric& metric = *family.add_metrics();
  metric.set_value(value);
  if (labels.empty()) return;
  for (const std::string_view pair : base::split(labels, ',')) {
    const std::size_t equals = pair.find('=');
    MIRRORWAY_ASSERT(equals != std::string_view::npos);
    proto::MetricLabel& label = *metric.add_labels();
    label.set_name(std::string(pair.substr(0, equals)));
    label.set_value(std::string(pair.substr(equals + 1)));
  }
}

void add_single(proto::MetricKind kind, std::string_view name, std::string_view help, double value,
                Families& families) {
  add_metric({}, value, add_family(kind, name, help, families));
}

void add_counters(std::string_view prefix, std::span<const Description> descriptions,
                  std::span<const std::uint64_t> values, Families& families) {
  MIRRORWAY_ASSERT(descriptions.size() == values.size());
  proto::MetricFamily* family = nullptr;
  std::string_view metric;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Description& description = descriptions[i];
    if (family == nullptr || description.metric != metric)
      family =
          &add_family(description.kind == Kind::kCounter ? proto::COUNTER : proto::GAUGE,
                      fmt::format("{}{}", prefix, description.metric), description.help, families);
    metric = description.metric;
    add_metric(description.labels, static_cast<double>(values[i]), *family);
  }
}

void add_histogram(std::string_view name, std::string_view help, const Histogram::Values& values,
                   Families& families) {
  constexpr double kMicrosecondsPerSecond = 1e6;
  proto::MetricFamily& family = add_family(proto::HISTOGRAM, name, help, families);
  for (const std::uint32_t bound : kBucketBounds) family.add_bounds(bound / kMicrosecondsPerSecond);
  proto::Metric& metric = *family.add_metrics();
  for (const std::uint64_t count : values.buckets) metric.add_buckets(count);
  metric.set_sum(std::chrono::duration<double>(values.sum).count());
}

}  // namespace mirrorway::metrics
