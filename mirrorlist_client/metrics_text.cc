#include "mirrorlist_client/metrics_text.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

namespace mirrorway::mirrorlist_client {
namespace {

constexpr int kMostMetrics = 10'000;  // of one family

bool is_name(std::string_view text) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

bool is_readable(const proto::MetricFamily& family) {
  if (!is_name(family.name()) || family.metrics_size() > kMostMetrics) return false;
  if (!std::is_sorted(family.bounds().begin(), family.bounds().end())) return false;
  return std::all_of(family.metrics().begin(), family.metrics().end(), [&](const auto& metric) {
    if (family.kind() == proto::HISTOGRAM && metric.buckets_size() != family.bounds_size() + 1)
      return false;
    return std::all_of(metric.labels().begin(), metric.labels().end(), [](const auto& label) {
      return is_name(label.name()) && !label.name().starts_with("__");
    });
  });
}

prometheus::ClientMetric::Histogram to_histogram(const proto::MetricFamily& family,
                                                 const proto::Metric& metric) {
  prometheus::ClientMetric::Histogram histogram;
  std::uint64_t sum = 0;
  for (int i = 0; i < metric.buckets_size(); ++i) {
    sum += metric.buckets(i);
    const bool is_last = i == family.bounds_size();
    histogram.bucket.push_back(
        {sum, is_last ? std::numeric_limits<double>::infinity() : family.bounds(i)});
  }
  histogram.sample_count = sum;
  histogram.sample_sum = metric.sum();
  return histogram;
}

prometheus::ClientMetric to_metric(const proto::MetricFamily& family, const proto::Metric& metric) {
  prometheus::ClientMetric result;
  for (const auto& label : metric.labels()) result.label.push_back({label.name(), label.value()});
  result.counter.value = metric.value();
  result.gauge.value = metric.value();
  if (family.kind() == proto::HISTOGRAM) result.histogram = to_histogram(family, metric);
  return result;
}

prometheus::MetricType to_type(proto::MetricKind kind) {
  switch (kind) {
    case proto::COUNTER:
      return prometheus::MetricType::Counter;
    case proto::GAUGE:
      return prometheus::MetricType::Gauge;
    case proto::HISTOGRAM:
      return prometheus::MetricType::Histogram;
    default:
      return prometheus::MetricType::Untyped;
  }
}

}  // namespace

std::string metrics_text(const metrics::Families& families) {
  std::set<std::string_view> names;
  std::vector<prometheus::MetricFamily> readable;
  for (const auto& family : families) {
    if (!is_readable(family) || !names.insert(family.name()).second) continue;
    auto& added = readable.emplace_back(
        prometheus::MetricFamily{family.name(), family.help(), to_type(family.kind()), {}});
    for (const auto& metric : family.metrics()) added.metric.push_back(to_metric(family, metric));
  }
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, readable);
  return std::move(text).str();
}

}  // namespace mirrorway::mirrorlist_client
