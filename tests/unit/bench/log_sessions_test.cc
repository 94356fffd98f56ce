#include "bench/replay/log_sessions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sessionhub::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LogSessionsTest : public ::testing::Test {
 protected:
  static constexpr int64_t kGap = 1800;

  uint64_t Use(const std::string& key, int64_t time_s) { return sessions_.Use(key, time_s).count; }

  std::vector<uint64_t> ended_;
  LogSessions sessions_{kGap, 3,
                        [this](const LogSession& session) { ended_.push_back(session.count); }};
};

TEST_F(LogSessionsTest, AKeyIsOneSessionUntilItIsIdleForLongerThanTheGap) {
  EXPECT_EQ(Use("a", 100), 1u);
  EXPECT_EQ(Use("a", 100 + kGap), 1u);
  EXPECT_EQ(Use("a", 101 + 2 * kGap), 2u);
  EXPECT_THAT(ended_, ElementsAre(1u));
  EXPECT_EQ(sessions_.made(), 2u);
}

TEST_F(LogSessionsTest, OthersEndWhileTimeGoesOn) {
  Use("a", 0);
  Use("b", 10);
  Use("c", kGap + 1);
  EXPECT_THAT(ended_, ElementsAre(1u));
  EXPECT_EQ(sessions_.open(), 2u);
  sessions_.EndAll();
  EXPECT_THAT(ended_, ElementsAre(1u, 2u, 3u));
  EXPECT_EQ(sessions_.open(), 0u);
}

TEST_F(LogSessionsTest, TimeNeverGoesBack) {
  Use("a", 5000);
  EXPECT_EQ(sessions_.Use("b", 10).last_used_s, 5000);
  EXPECT_EQ(sessions_.out_of_order(), 1u);
  EXPECT_EQ(sessions_.now_s(), 5000);
  Use("c", 5000);
  EXPECT_EQ(sessions_.out_of_order(), 1u);
  EXPECT_THAT(ended_, IsEmpty());
}

TEST_F(LogSessionsTest, TimesBefore1970AreTimes) {
  Use("a", -5000);
  EXPECT_EQ(Use("a", -5000 + kGap), 1u);
  EXPECT_EQ(sessions_.out_of_order(), 0u);
}

TEST_F(LogSessionsTest, PastItsBoundTheOneIdleForLongestEnds) {
  Use("a", 1);
  Use("b", 2);
  Use("c", 3);
  Use("a", 4);
  EXPECT_EQ(sessions_.ended_early(), 0u);
  Use("d", 5);
  EXPECT_THAT(ended_, ElementsAre(2u));
  EXPECT_EQ(sessions_.ended_early(), 1u);
  EXPECT_EQ(sessions_.open(), 3u);
}

}  // namespace
}  // namespace sessionhub::bench
