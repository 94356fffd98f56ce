#include "hub/walk_times.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace sessionhub::hub {
namespace {

uint64_t CountOf(const LatencyHistogram::Figures& figures) {
  return std::accumulate(figures.counts.begin(), figures.counts.end(), uint64_t{0});
}

TEST(LatencyHistogramTest, ABoundBelongsToItsBucketAndOnePastItToTheNext) {
  LatencyHistogram histogram;
  histogram.Record(LatencyHistogram::kBoundsNs[2]);
  histogram.Record(LatencyHistogram::kBoundsNs[2] + 1);
  histogram.Record(0);
  histogram.Record(LatencyHistogram::kBoundsNs.back() + 1);
  const auto figures = histogram.figures();
  EXPECT_EQ(figures.counts[0], 1u);
  EXPECT_EQ(figures.counts[2], 1u);
  EXPECT_EQ(figures.counts[3], 1u);
  EXPECT_EQ(figures.counts.back(), 1u);
  EXPECT_EQ(figures.sum_ns,
            2 * LatencyHistogram::kBoundsNs[2] + LatencyHistogram::kBoundsNs.back() + 2);
}

TEST(LatencyHistogramTest, BoundsGoUp) {
  const auto& bounds = LatencyHistogram::kBoundsNs;
  EXPECT_EQ(std::set(bounds.begin(), bounds.end()).size(), bounds.size());
  EXPECT_TRUE(std::is_sorted(bounds.begin(), bounds.end()));
}

TEST(WalkTimesTest, StepsAreRecordedApartUnderNamesOfTheirOwn) {
  WalkTimes times;
  std::set<std::string> names;
  for (const WalkStep step : kWalkSteps) {
    for (int i = 0; i < static_cast<int>(step); ++i) times.Record(step, 1);
    names.insert(NameOf(step));
  }
  for (const WalkStep step : kWalkSteps) {
    EXPECT_EQ(CountOf(times.figures(step)), static_cast<uint64_t>(step));
  }
  EXPECT_EQ(names.size(), kWalkSteps.size());
}

TEST(WalkTimesTest, NothingIsLostAmongThreads) {
  constexpr int kThreads = 4;
  constexpr int kRecords = 1'000;
  WalkTimes times;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&times] {
      for (int n = 0; n < kRecords; ++n) times.Record(WalkStep::kStream, 2);
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto figures = times.figures(WalkStep::kStream);
  EXPECT_EQ(CountOf(figures), uint64_t{kThreads} * kRecords);
  EXPECT_EQ(figures.sum_ns, uint64_t{2} * kThreads * kRecords);
}

TEST(ArrivalClockTest, LooksForTheFirstAndThenNowAndAgain) {
  ArrivalClock clock;
  const uint64_t first = clock.Stamp(true);
  EXPECT_GE(NowNs(), first);
  int looks = 0;
  uint64_t last = first;
  for (int i = 0; i < 64; ++i) {
    const uint64_t stamp = clock.Stamp(false);
    EXPECT_GE(stamp, last);
    if (stamp != last) ++looks;
    last = stamp;
  }
  EXPECT_LE(looks, 4);
}

TEST(LapTest, LapsAddUpToTheWhole) {
  const uint64_t begun = NowNs();
  uint64_t at = begun;
  uint64_t sum = LapNs(&at);
  sum += LapNs(&at);
  EXPECT_EQ(begun + sum, at);
}

}  // namespace
}  // namespace sessionhub::hub
