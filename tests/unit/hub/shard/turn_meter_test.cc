#include "hub/shard/turn_meter.h"

#include <glog/logging.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/wait_for.h"

namespace sessionhub::hub {
namespace {

using ::testing::IsEmpty;

constexpr uint64_t kMs = 1'000'000;

// Keeps what is logged.
class KeptLog : public google::LogSink {
 public:
  KeptLog() { google::AddLogSink(this); }
  ~KeptLog() override { google::RemoveLogSink(this); }
  void send(google::LogSeverity, const char*, const char*, int, const google::LogMessageTime&,
            const char* message, size_t length) override {
    lines_.emplace_back(message, length);
  }
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::vector<std::string> lines_;
};

uint64_t RecordsOf(const WalkTimes& times, WalkStep step) {
  uint64_t count = 0;
  for (const uint64_t in_bucket : times.figures(step).counts) count += in_bucket;
  return count;
}

// A turn of ten milliseconds that was waited for a tenth of one.
class TurnMeterTest : public ::testing::Test {
 protected:
  static TurnTimes Turn() {
    TurnTimes turn;
    turn.begun_ns = 100 * kMs;
    turn.inputs = 3;
    turn.decided = true;
    turn.synced = true;
    turn.load_ns = 1 * kMs;
    turn.step_ns = 2 * kMs;
    turn.commit_ns = 3 * kMs;
    turn.release_ns = 4 * kMs;
    return turn;
  }
  static constexpr uint64_t kSinceNs = 100 * kMs - kMs / 10;

  KeptLog log_;
  WalkTimes times_;
};

TEST_F(TurnMeterTest, RecordsEachRowOfTheTurn) {
  TurnMeter meter({0, 0, &times_});
  meter.Note(Turn(), kSinceNs);
  EXPECT_EQ(times_.figures(WalkStep::kMailbox).sum_ns, kMs / 10);
  EXPECT_EQ(times_.figures(WalkStep::kLoad).sum_ns, 1 * kMs);
  EXPECT_EQ(times_.figures(WalkStep::kStep).sum_ns, 2 * kMs);
  EXPECT_EQ(times_.figures(WalkStep::kCommit).sum_ns, 3 * kMs);
  EXPECT_EQ(times_.figures(WalkStep::kRelease).sum_ns, 4 * kMs);
}

TEST_F(TurnMeterTest, ATurnThatDecidesNothingIsNoneOfTheWalk) {
  TurnMeter meter({0, 1, &times_});
  TurnTimes tick = Turn();
  tick.decided = false;
  meter.Note(tick, kSinceNs);
  EXPECT_EQ(RecordsOf(times_, WalkStep::kStep), 0u);
  EXPECT_EQ(meter.slow_commits(), 0u);
}

TEST_F(TurnMeterTest, WithoutASyncThereIsNoCommitAndWithoutInputsNoWait) {
  TurnMeter meter({0, 0, &times_});
  TurnTimes turn = Turn();
  turn.synced = false;
  turn.inputs = 0;
  meter.Note(turn, 0);
  EXPECT_EQ(RecordsOf(times_, WalkStep::kCommit), 0u);
  EXPECT_EQ(RecordsOf(times_, WalkStep::kMailbox), 0u);
  EXPECT_EQ(RecordsOf(times_, WalkStep::kRelease), 1u);
}

TEST_F(TurnMeterTest, TheSlowAreCountedFromTheirBoundOn) {
  TurnMeter over({0, 11, &times_});
  over.Note(Turn(), kSinceNs);
  EXPECT_EQ(over.slow_commits(), 0u);
  TurnMeter at({0, 10, &times_});
  at.Note(Turn(), kSinceNs);
  EXPECT_EQ(at.slow_commits(), 1u);
}

TEST_F(TurnMeterTest, ASlowOneIsLoggedWithWhatEachRowTookAndTheNextOnlyCounted) {
  TurnMeter none({0, 0, nullptr});
  none.Note(Turn(), kSinceNs);
  EXPECT_THAT(log_.lines(), IsEmpty());
  TurnMeter meter({5, 10, nullptr});
  uint64_t noted = 0;
  // Another test of this process may have logged one just before.
  ASSERT_TRUE(testing::WaitFor([&] {
    meter.Note(Turn(), kSinceNs);
    ++noted;
    return !log_.lines().empty();
  }));
  EXPECT_EQ(log_.lines().front(),
            "event=slow_commit shard=5 inputs=3 synced=1 turn_us=10000 mailbox_us=100 load_us=1000 "
            "step_us=2000 commit_us=3000 release_us=4000 slow_commits=" +
                std::to_string(noted));
  for (int i = 0; i < 100; ++i) meter.Note(Turn(), kSinceNs);
  EXPECT_EQ(meter.slow_commits(), noted + 100);
  EXPECT_LT(log_.lines().size(), 100u);
}

}  // namespace
}  // namespace sessionhub::hub
