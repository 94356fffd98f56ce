#include "bench/load/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/support/seed.h"

namespace sessionhub::bench {
namespace {

TEST(LatencyHistogramTest, IsEmptyAtFirst) {
  const LatencyHistogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.PercentileUs(50), 0);
  EXPECT_EQ(histogram.MeanUs(), 0);
}

TEST(LatencyHistogramTest, SmallOnesAreExactAndNegativeOnesAreNone) {
  LatencyHistogram histogram;
  for (int64_t us = -1; us <= 100; ++us) histogram.Record(us);
  EXPECT_EQ(histogram.count(), 102u);
  EXPECT_EQ(histogram.PercentileUs(0), 0);
  EXPECT_EQ(histogram.PercentileUs(50), 49);
  EXPECT_EQ(histogram.PercentileUs(100), 100);
  EXPECT_EQ(histogram.max_us(), 100);
}

TEST(LatencyHistogramTest, OneSlowOneIsTheTail) {
  LatencyHistogram histogram;
  for (int i = 0; i < 999; ++i) histogram.Record(10);
  histogram.Record(5'000'000);
  EXPECT_EQ(histogram.PercentileUs(99.9), 10);
  EXPECT_EQ(histogram.PercentileUs(99.95), 5'000'000);
}

// Against the sorted latencies themselves.
TEST(LatencyHistogramTest, PercentilesAreAtMostA128thTooHigh) {
  testing::ForEachCase(200, [](testing::Random& random) {
    LatencyHistogram histogram;
    std::vector<int64_t> all;
    const uint64_t most = uint64_t{1} << testing::Below(random, 40);
    for (uint64_t count = 1 + testing::Below(random, 300); count > 0; --count) {
      all.push_back(static_cast<int64_t>(testing::Below(random, most)));
      histogram.Record(all.back());
    }
    std::sort(all.begin(), all.end());
    for (const double percent : {1.0, 50.0, 90.0, 99.0, 99.9, 100.0}) {
      const double rank = percent / 100 * static_cast<double>(all.size());
      size_t index = static_cast<size_t>(rank);
      if (static_cast<double>(index) < rank) ++index;
      const int64_t exact = all[std::max<size_t>(index, 1) - 1];
      const int64_t told = histogram.PercentileUs(percent);
      EXPECT_GE(told, exact);
      EXPECT_LE(told, exact + exact / 128 + 1);
    }
  });
}

TEST(LatencyHistogramTest, PartsThatWereSentAddUpToTheWhole) {
  LatencyHistogram whole, first, second;
  for (int64_t i = 0; i < 1'000; ++i) {
    whole.Record(i * i);
    (i % 3 == 0 ? first : second).Record(i * i);
  }
  LatencyHistogram sum = LatencyHistogram::FromJson(first.ToJson());
  sum.Merge(LatencyHistogram::FromJson(second.ToJson()));
  EXPECT_EQ(DescribeUs(sum), DescribeUs(whole));
}

}  // namespace
}  // namespace sessionhub::bench
