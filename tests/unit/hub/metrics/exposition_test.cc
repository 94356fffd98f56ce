#include "hub/metrics/exposition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sessionhub::hub {
namespace {

using ::testing::HasSubstr;

TEST(ExpositionTest, IsWhatPrometheusReads) {
  Exposition out;
  out.Counter("deltas_total", "What was decided.")
      .Add(3, {{"outcome", "applied"}})
      .Add(1, {{"outcome", "refused"}});
  out.Gauge("nodes", "Attached now.").Add(2);
  EXPECT_EQ(out.ToText(),
            "# HELP deltas_total What was decided.\n"
            "# TYPE deltas_total counter\n"
            "deltas_total{outcome=\"applied\"} 3\n"
            "deltas_total{outcome=\"refused\"} 1\n"
            "# HELP nodes Attached now.\n"
            "# TYPE nodes gauge\n"
            "nodes 2\n");
}

TEST(ExpositionTest, AMetricWithoutSamplesIsNamedAllTheSame) {
  Exposition out;
  out.Gauge("app_nodes", "Of the app.");
  EXPECT_EQ(out.ToText(), "# HELP app_nodes Of the app.\n# TYPE app_nodes gauge\n");
}

TEST(ExpositionTest, BucketsOfAHistogramAreAddedUpAndInSeconds) {
  LatencyHistogram histogram;
  histogram.Record(5'000);
  histogram.Record(7'000);
  histogram.Record(20'000'000'000);
  Exposition out;
  out.Histogram("walk_seconds", "Of a step.").Add(histogram.figures(), {{"step", "commit"}});
  const std::string text = out.ToText();
  EXPECT_THAT(text, HasSubstr("walk_seconds_count{step=\"commit\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("walk_seconds_sum{step=\"commit\"} 20.000012"));
  EXPECT_THAT(text, HasSubstr("walk_seconds_bucket{step=\"commit\",le=\"10\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("walk_seconds_bucket{step=\"commit\",le=\"+Inf\"} 3\n"));
}

}  // namespace
}  // namespace sessionhub::hub
