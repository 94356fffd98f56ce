#include "bench/limits/round.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/support/status_matchers.h"

namespace sessionhub::bench {
namespace {

TEST(RoundTest, IsOverOnceAllIsHeard) {
  Round round;
  round.Begin(3);
  std::thread hears([&round] {
    round.Hear(2);
    round.Hear();
  });
  EXPECT_OK(round.Await());
  hears.join();
}

TEST(RoundTest, OfNothingIsOverAtOnce) {
  Round round;
  round.Begin(0);
  EXPECT_OK(round.Await());
}

TEST(RoundTest, AreMeasuredUntilOneFails) {
  int rounds = 0;
  const auto meter = MeasureRounds(Stretch::FromNow(10), [&rounds] {
    return ++rounds < 3 ? absl::OkStatus() : absl::UnavailableError("ended");
  });
  EXPECT_EQ(meter.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(rounds, 3);
}

TEST(RoundTest, AreCounted) {
  uint64_t rounds = 0;
  const auto meter = MeasureRounds(Stretch::FromNow(0.01), [&rounds] {
    ++rounds;
    return absl::OkStatus();
  });
  ASSERT_OK(meter);
  EXPECT_EQ(meter->total(), rounds);
  EXPECT_GE(rounds, 1u);
}

}  // namespace
}  // namespace sessionhub::bench
