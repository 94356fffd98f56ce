#include "client/cpp/src/touches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/unit/client/machine_driver.h"

namespace sessionhub::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::StatusIs;

class TouchesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    MachineDriver::Attach life;
    life.features = v1::FEATURE_LIFE;
    driver_.AttachAs(life);
  }
  // A copy with this idle timeout.
  CopyRef OpenIdle(SessionNumber number, uint32_t handle, milliseconds idle) {
    const Token token =
        driver_.machine.Open("s" + std::to_string(number), Create::kNever, 0, driver_.now);
    const v1::NodeFrame frame = driver_.Frame();
    v1::Item catch_up = MachineDriver::CatchUp(handle, 0, 5, 0, {{"n", 1}});
    catch_up.mutable_catch_up()->set_idle_timeout_ms(static_cast<uint64_t>(idle.count()));
    driver_.Give({MachineDriver::Opened(frame.opens(0).request(), number, handle), catch_up});
    return *driver_.opens.at(token).copy;
  }
  void Read(const CopyRef& ref) { EXPECT_OK(driver_.machine.Read(ref, driver_.now)); }
  // All touches of the frames that go out in `time`, looking every 100 ms; the hub is heard.
  std::vector<v1::Touch> TouchesWithin(milliseconds time) {
    std::vector<v1::Touch> touches;
    for (milliseconds passed{0}; passed < time; passed += milliseconds(100)) {
      driver_.now += milliseconds(100);
      driver_.Give(v1::HubFrame());
      const v1::NodeFrame frame = driver_.Frame();
      touches.insert(touches.end(), frame.touches().begin(), frame.touches().end());
    }
    return touches;
  }

  MachineDriver driver_;
};

TEST_F(TouchesTest, ASessionWithoutIdleTimeoutIsNeverTouched) {
  const CopyRef ref = OpenIdle(7, 3, milliseconds(0));
  Read(ref);
  EXPECT_TRUE(TouchesWithin(seconds(5)).empty());
}

TEST_F(TouchesTest, ReadsCostNoBytesBesidesTheTouch) {
  const CopyRef plain = OpenIdle(7, 3, milliseconds(0));
  const CopyRef idle = OpenIdle(8, 4, minutes(10));
  driver_.now += driver_.machine.heartbeat();
  driver_.Give(v1::HubFrame());
  const size_t heartbeat_bytes = driver_.Frame().ByteSizeLong();
  for (int n = 0; n < 100; ++n) {
    Read(plain);
    Read(idle);
    EXPECT_EQ(driver_.Frame().ByteSizeLong(), 0u);
  }
  driver_.now += driver_.machine.heartbeat();
  driver_.Give(v1::HubFrame());
  v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.touches_size(), 1);
  EXPECT_EQ(frame.touches(0).handle(), 4u);
  frame.clear_touches();
  EXPECT_EQ(frame.ByteSizeLong(), heartbeat_bytes);
}

TEST_F(TouchesTest, ReadsAreToldAtMostOnceInATenthOfTheTimeoutAndTheLastOneIs) {
  const CopyRef ref = OpenIdle(7, 3, minutes(10));
  std::vector<v1::Touch> touches;
  for (int n = 0; n < 1'200; ++n) {  // two minutes
    Read(ref);
    for (const v1::Touch& touch : TouchesWithin(milliseconds(100))) touches.push_back(touch);
  }
  EXPECT_LE(touches.size(), 3u);
  EXPECT_GE(touches.size(), 2u);
  const auto late = TouchesWithin(minutes(2));
  ASSERT_EQ(late.size(), 1u) << "the reads since the last touch";
  EXPECT_EQ(late[0].handle(), 3u);
  EXPECT_GT(late[0].ago_ms(), 0u);
}

TEST_F(TouchesTest, TouchesOfManySessionsShareTheHeartbeat) {
  std::vector<CopyRef> refs;
  for (uint32_t n = 1; n <= 100; ++n) refs.push_back(OpenIdle(n, n, minutes(30)));
  for (const CopyRef& ref : refs) Read(ref);
  EXPECT_EQ(driver_.Frame().ByteSizeLong(), 0u) << "no frame for touches alone";
  driver_.now += driver_.machine.heartbeat();
  driver_.Give(v1::HubFrame());
  const v1::NodeFrame frame = driver_.Frame();
  EXPECT_EQ(frame.touches_size(), 100);
  EXPECT_LE(frame.ByteSizeLong(), 100u * 8);
}

TEST_F(TouchesTest, AShortTimeoutDoesNotWaitForTheHeartbeat) {
  const CopyRef ref = OpenIdle(7, 3, seconds(1));
  Read(ref);
  EXPECT_LE(driver_.machine.urgent_at(), driver_.now);
  EXPECT_EQ(driver_.Frame().touches_size(), 1);
  Read(ref);
  EXPECT_EQ(driver_.machine.urgent_at(), driver_.now + milliseconds(100));
  EXPECT_EQ(driver_.Frame().ByteSizeLong(), 0u);
  driver_.now += milliseconds(100);
  EXPECT_EQ(driver_.Frame().touches_size(), 1);
}

TEST_F(TouchesTest, ACommitIsAUseByItself) {
  const CopyRef ref = OpenIdle(7, 3, minutes(10));
  Read(ref);
  driver_.Increment(ref);
  EXPECT_EQ(driver_.Frame().touches_size(), 0);
  EXPECT_TRUE(TouchesWithin(seconds(10)).empty());
}

TEST_F(TouchesTest, AnotherNodesSettingTakesEffectHere) {
  const CopyRef ref = OpenIdle(7, 3, milliseconds(0));
  v1::Item item = MachineDriver::Forward(3, 5, "n", 2);
  item.mutable_changes()->set_idle_timeout_ms(60'000);
  driver_.Give({item});
  Read(ref);
  EXPECT_EQ(TouchesWithin(seconds(1)).size(), 1u);
}

TEST_F(TouchesTest, OwnSettingsTakeEffectWithTheAck) {
  const CopyRef ref = OpenIdle(7, 3, milliseconds(0));
  Delta delta;
  delta.settings.idle_timeout_ms = 60'000;
  ASSERT_OK(driver_.machine.Commit(ref, delta));
  const v1::NodeFrame frame = driver_.Frame();
  EXPECT_EQ(frame.deltas(0).settings().idle_timeout_ms(), 60'000u);
  EXPECT_FALSE(frame.deltas(0).settings().has_owner());
  driver_.Give({MachineDriver::Ack(1, 5)});
  driver_.now += seconds(7);
  driver_.Give(v1::HubFrame());
  Read(ref);
  EXPECT_EQ(TouchesWithin(seconds(1)).size(), 1u);
}

TEST_F(TouchesTest, AnExpiredCopyCannotBeRead) {
  const CopyRef ref = OpenIdle(7, 3, minutes(10));
  driver_.Give({MachineDriver::Ended(3, v1::Ended::EXPIRED)});
  EXPECT_THAT(driver_.machine.Read(ref, driver_.now),
              StatusIs(absl::StatusCode::kNotFound, ::testing::_));
}

TEST(TouchesOfOlderHubsTest, NothingIsSentThatWasNotAgreed) {
  MachineDriver driver;
  driver.AttachAs({});
  const CopyRef ref = driver.OpenAt("a", 7, 3, 10, 100);
  Delta delta;
  delta.settings.owner = "ada";
  EXPECT_THAT(driver.machine.Commit(ref, delta).status(),
              StatusIs(absl::StatusCode::kUnimplemented, ::testing::_));
}

}  // namespace
}  // namespace sessionhub::client
