#include "bench/limits/meter.h"

#include <gtest/gtest.h>

#include <chrono>

namespace sessionhub::bench {
namespace {

using std::chrono::microseconds;

// From 100 us to 200 us.
Stretch OfATenthOfAMillisecond() {
  return {MeterTime(microseconds(100)), MeterTime(microseconds(200))};
}
MeterTime At(int us) {
  return MeterTime(microseconds(us));
}

TEST(Stretch, CountsFromItsBeginUntilBeforeItsEnd) {
  const Stretch stretch = OfATenthOfAMillisecond();
  EXPECT_FALSE(stretch.Counts(At(99)));
  EXPECT_TRUE(stretch.Counts(At(100)));
  EXPECT_TRUE(stretch.Counts(At(199)));
  EXPECT_FALSE(stretch.Counts(At(200)));
  EXPECT_FALSE(stretch.Over(At(199)));
  EXPECT_TRUE(stretch.Over(At(200)));
}

TEST(Stretch, BeginsAfterAWarmUp) {
  const MeterTime before = std::chrono::steady_clock::now();
  const Stretch stretch = Stretch::FromNow(3);
  EXPECT_GE(stretch.begin - before, std::chrono::milliseconds(600));
  EXPECT_NEAR(stretch.Seconds(), 3, 1e-6);
  EXPECT_GE(Stretch::FromNow(0.01).begin - before, std::chrono::milliseconds(20));
}

TEST(Meter, CountsWhatIsDoneInTheStretchAndInAll) {
  Meter meter(OfATenthOfAMillisecond());
  meter.Add(At(50), At(99));
  meter.Add(At(90), At(110));
  meter.Add(At(110), At(120));
  meter.Add(At(190), At(205));
  EXPECT_EQ(meter.total(), 4u);
  EXPECT_NEAR(meter.PerSecond(), 2 / 1e-4, 1e-3);
  EXPECT_FLOAT_EQ(static_cast<float>(meter.latencies().PercentileUs(50)), 10);
  EXPECT_FLOAT_EQ(static_cast<float>(meter.latencies().PercentileUs(99)), 20);
}

TEST(Meter, TakesInAnother) {
  Meter meter(OfATenthOfAMillisecond());
  meter.Add(At(100), At(101));
  Meter other(OfATenthOfAMillisecond());
  other.Add(At(100), At(130));
  other.Add(At(90), At(95));
  meter.Merge(other);
  EXPECT_EQ(meter.total(), 3u);
  LimitRow row;
  meter.FillIn(&row);
  EXPECT_NEAR(*row.per_s, 2 / 1e-4, 1e-3);
  EXPECT_FLOAT_EQ(static_cast<float>(*row.p50_us), 1);
  EXPECT_FLOAT_EQ(static_cast<float>(*row.p99_us), 30);
  EXPECT_FALSE(row.cpu_s_per_10k);
}

TEST(Meter, EndsEarlyWithTheLastThatItMayCount) {
  Meter meter(OfATenthOfAMillisecond(), 3);
  meter.Add(At(90), At(95));
  meter.Add(At(100), At(110));
  EXPECT_FALSE(meter.Over(At(110)));
  meter.Add(At(110), At(120));
  EXPECT_TRUE(meter.Over(At(120)));
  meter.Add(At(110), At(121));  // was in flight
  EXPECT_NEAR(meter.PerSecond(), 2 / 20e-6, 1e-3);
  EXPECT_EQ(meter.total(), 4u);
  Meter all(OfATenthOfAMillisecond());
  all.Merge(meter);
  EXPECT_NEAR(all.PerSecond(), 2 / 20e-6, 1e-3);
}

TEST(Meter, OfOneThatEndedInTheWarmUpThereIsNoRate) {
  Meter meter(OfATenthOfAMillisecond(), 1);
  meter.Add(At(10), At(20));
  EXPECT_EQ(meter.PerSecond(), 0);
}

TEST(Meter, OfNothingAllIsZero) {
  const Meter meter(OfATenthOfAMillisecond());
  EXPECT_EQ(meter.PerSecond(), 0);
  EXPECT_EQ(meter.latencies().PercentileUs(50), 0);
}

TEST(Latencies, TheFirstTellWhereThereAreTooMany) {
  Latencies full;
  for (size_t i = 0; i < Latencies::kMax; ++i) full.Add(microseconds(1));
  full.Add(microseconds(7));
  Latencies more;
  more.Add(microseconds(9));
  full.Merge(more);
  EXPECT_EQ(full.PercentileUs(100), 1);
  Latencies nearly;
  for (size_t i = 0; i + 1 < Latencies::kMax; ++i) nearly.Add(microseconds(1));
  nearly.Merge(more);
  EXPECT_EQ(nearly.PercentileUs(100), 9);
}

TEST(SpentTimer, ReadsTimeAndProcessorTimeOfThisThread) {
  const SpentTimer timer;
  while (timer.Read().cpu < std::chrono::milliseconds(5)) continue;
  const Spent spent = timer.Read();
  EXPECT_GE(spent.cpu, std::chrono::milliseconds(5));
  EXPECT_GE(spent.wall, std::chrono::milliseconds(4)) << "of one core; the clocks differ a little";
}

TEST(WireBytesOfEach, IsOfWhatWentBetweenTheLooks) {
  const TcpCounters before = {1, 1'000, 10};
  const TcpCounters after = {1, 3'000, 30};
  EXPECT_DOUBLE_EQ(WireBytesOfEach(before, after, 10), 200 + 2 * TcpCounters::kHeaderBytes);
  EXPECT_EQ(WireBytesOfEach(before, after, 0), 0);
}

TEST(CpuSecondsPer10k, IsOfWhatWasDoneBetweenTheLooks) {
  EXPECT_DOUBLE_EQ(CpuSecondsPer10k(1.5, 2.5, 50'000), 0.2);
  EXPECT_EQ(CpuSecondsPer10k(1.5, 2.5, 0), 0);
}

}  // namespace
}  // namespace sessionhub::bench
