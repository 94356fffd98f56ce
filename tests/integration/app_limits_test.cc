// What one app may take of a real hub.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/status_matchers.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using ::testing::HasSubstr;
using testing::RawNode;

TEST(AppLimitsHubTest, SoManyStreamsOfAnAppAndNoMore) {
  testing::HubProcess hub({"--app-streams-max", "1"});
  ASSERT_OK(hub.Start());
  const auto one = std::make_unique<RawNode>(hub.endpoint(), "shop", "web-1", 'a');
  ASSERT_TRUE(one->Attach().has_attached());
  RawNode other_app(hub.endpoint(), "bank", "web-1", 'b');
  EXPECT_TRUE(other_app.Attach().has_attached());
  RawNode two(hub.endpoint(), "shop", "web-2", 'c');
  two.Attach();
  const v1::Goodbye told = two.Farewell();
  EXPECT_EQ(told.why(), v1::Goodbye::BUSY);
  EXPECT_THAT(told.message(), HasSubstr("--app-streams-max"));
}

TEST(AppLimitsHubTest, AStreamThatHasEndedMakesRoom) {
  testing::HubProcess hub({"--app-streams-max", "1"});
  ASSERT_OK(hub.Start());
  ASSERT_TRUE(RawNode(hub.endpoint(), "shop", "web-1", 'a').Attach().has_attached());
  EXPECT_TRUE(testing::WaitFor(
      [&] { return RawNode(hub.endpoint(), "shop", "web-2", 'b').Attach().has_attached(); }));
}

// A second's worth is free; what is more is read later, and nothing is refused.
TEST(AppLimitsHubTest, DeltasPastTheRateAreReadLater) {
  constexpr int kRate = 50;
  constexpr int kDeltas = 3 * kRate;
  testing::HubProcess hub({"--app-deltas-per-s-max", std::to_string(kRate)});
  ASSERT_OK(hub.Start());
  RawNode node(hub.endpoint(), "shop", "web-1", 'a');
  ASSERT_TRUE(node.Attach().has_attached());
  const uint64_t number = node.Open("session-1").opened().number();
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < kDeltas; ++i) {
    const v1::Item answer = node.Commit(testing::DeltaOn(number, testing::IncrementInt("n", 1)));
    ASSERT_FALSE(answer.has_refused()) << i;
  }
  // The first second's worth is free, and the last delta need not be paid for.
  EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(1'900));
  testing::HubProbe probe(hub.endpoint());
  EXPECT_EQ(probe.Integer("shop", "session-1", "n"), kDeltas);
  EXPECT_THAT(hub.log(), HasSubstr("event=apps_slowed"));
}

}  // namespace
}  // namespace sessionhub
