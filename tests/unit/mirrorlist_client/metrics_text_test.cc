#include "mirrorlist_client/metrics_text.h"

#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "mirrorlist_client/report.h"

using namespace mirrorway;
using namespace mirrorway::mirrorlist_client;

namespace {

metrics::Families one_family(const std::string& name, std::string_view labels = {},
                             double value = 1) {
  metrics::Families families;
  auto& family = metrics::add_family(proto::COUNTER, "", "Help", families);
  family.set_name(name);
  metrics::add_metric(labels, value, family);
  return families;
}

}  // namespace

TEST_CASE("metrics are text that Prometheus reads") {
  CHECK(metrics_text(one_family("m_total", "a=b", 3)) ==
        "# HELP m_total Help\n# TYPE m_total counter\nm_total{a=\"b\"} 3\n");
  CHECK(metrics_text(one_family("m_total", "a=q\"b\\c\nd")) ==
        "# HELP m_total Help\n# TYPE m_total counter\nm_total{a=\"q\\\"b\\\\c\\nd\"} 1\n");
}

TEST_CASE("buckets are cumulative, the last without a bound") {
  metrics::Families families;
  auto& family = metrics::add_family(proto::HISTOGRAM, "t", "Help", families);
  family.add_bounds(0.5);
  auto& metric = *family.add_metrics();
  metric.add_buckets(2);
  metric.add_buckets(3);
  metric.set_sum(4.5);
  CHECK(metrics_text(families) ==
        "# HELP mirrorway_t Help\n# TYPE mirrorway_t histogram\n"
        "mirrorway_t_count 5\nmirrorway_t_sum 4.5\n"
        "mirrorway_t_bucket{le=\"0.5\"} 2\nmirrorway_t_bucket{le=\"+Inf\"} 5\n");
}

TEST_CASE("a family that Prometheus would not read is left out") {
  for (const char* name : {"", "1a", "a b", "a{", "a\n", "\xC3\xA9"}) {
    CAPTURE(name);
    CHECK(metrics_text(one_family(name)).empty());
  }
  for (const char* labels : {"=x", "a b=x", "__a=x", "1=x"}) {
    CAPTURE(labels);
    CHECK(metrics_text(one_family("m", labels)).empty());
  }
  metrics::Families twice = one_family("m");
  twice.MergeFrom(one_family("m"));
  CHECK(metrics_text(twice) == metrics_text(one_family("m")));
  metrics::Families histogram = one_family("m");
  histogram[0].set_kind(proto::HISTOGRAM);
  CHECK(metrics_text(histogram).empty());
  histogram[0].set_kind(static_cast<proto::MetricKind>(99));
  CHECK_THAT(metrics_text(histogram), Catch::Contains("# TYPE m untyped"));
}

TEST_CASE("every counter of the front end has a name, a help and lines that stand together") {
  const SharedMetrics shared(1);
  std::set<std::string> names;
  for (const auto& family : report_front_end(shared)) {
    CAPTURE(family.name());
    CHECK(names.insert(family.name()).second);
    CHECK_FALSE(family.help().empty());
    CHECK(family.name().ends_with("_total") == (family.kind() == proto::COUNTER));
  }
  CHECK(names.contains("mirrorway_http_requests_total"));
}
