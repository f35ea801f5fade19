// What was counted, as messages that can be sent and made text of.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <cstdint>
#include <span>
#include <string_view>

#include "common/metrics/counters.h"
#include "common/metrics/histogram.h"
#include "proto/metrics.pb.h"

namespace mirrorway::metrics {

using Families = google::protobuf::RepeatedPtrField<proto::MetricFamily>;

// A family without metrics, to be filled by add_metric. Every name gets the prefix "mirrorway_".
proto::MetricFamily& add_family(proto::MetricKind kind, std::string_view name,
                                std::string_view help, Families& families);

// `labels` as in Description.
void add_metric(std::string_view labels, double value, proto::MetricFamily& family);

// A family of one metric without labels.
void add_single(proto::MetricKind kind, std::string_view name, std::string_view help, double value,
                Families& families);

// The counters of a table, in its order: values[i] is the number of descriptions[i]. `prefix` goes
// before each name.
void add_counters(std::string_view prefix, std::span<const Description> descriptions,
                  std::span<const std::uint64_t> values, Families& families);

void add_histogram(std::string_view name, std::string_view help, const Histogram::Values& values,
                   Families& families);

}  // namespace mirrorway::metrics
