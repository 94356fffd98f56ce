// What one app may take of a real hub.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/status_matchers.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using ::testing::HasSubstr;
using testing::RawNode;

constexpr int kBytesPerS = 100'000;
constexpr int kFramesOfASecond = 5;
constexpr int kSecondsWorth = 4;
// The first second's worth is free, and the last frame need not be paid for.
constexpr std::chrono::milliseconds kLeast{2'700};

// A fifth of what may be read in a second, and a little more.
v1::Op LargePut(int i) {
  return testing::PutString("field" + std::to_string(i),
                            std::string(kBytesPerS / kFramesOfASecond, 'x'));
}

// Sends them all before it takes an answer, so that the hub always has more to read.
void CommitAll(RawNode* node, int frames, int deltas_of_frame,
               const std::function<v1::Delta(int)>& make_delta) {
  for (int i = 0; i < frames; ++i) {
    v1::NodeFrame frame;
    frame.set_first_seq(static_cast<uint64_t>(i * deltas_of_frame + 1));
    for (int j = 0; j < deltas_of_frame; ++j) *frame.add_deltas() = make_delta(i);
    ASSERT_TRUE(node->Send(frame)) << i;
  }
  for (int i = 0; i < frames * deltas_of_frame; ++i) {
    const std::optional<v1::Item> answer = node->ReceiveItem();
    ASSERT_TRUE(answer.has_value()) << i;
    ASSERT_EQ(answer->what_case(), v1::Item::WHAT_NOT_SET) << answer->ShortDebugString();
  }
}

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
  constexpr int kDeltasOfFrame = 10;
  constexpr int kFrames = 3 * kRate / kDeltasOfFrame;
  testing::HubProcess hub({"--app-deltas-per-s-max", std::to_string(kRate)});
  ASSERT_OK(hub.Start());
  RawNode node(hub.endpoint(), "shop", "web-1", 'a');
  ASSERT_TRUE(node.Attach().has_attached());
  const uint64_t number = node.Open("session-1").opened().number();
  const auto begun = std::chrono::steady_clock::now();
  ASSERT_NO_FATAL_FAILURE(CommitAll(&node, kFrames, kDeltasOfFrame, [number](int) {
    return testing::DeltaOn(number, testing::IncrementInt("n", 1));
  }));
  // The first second's worth is free, and the last frame need not be paid for.
  EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(1'700));
  testing::HubProbe probe(hub.endpoint());
  EXPECT_EQ(probe.Integer("shop", "session-1", "n"), kFrames * kDeltasOfFrame);
  EXPECT_THAT(hub.log(), HasSubstr("event=apps_slowed"));
}

// The same with bytes.
TEST(AppLimitsHubTest, BytesPastTheRateAreReadLater) {
  testing::HubProcess hub({"--app-bytes-per-s-max", std::to_string(kBytesPerS)});
  ASSERT_OK(hub.Start());
  RawNode node(hub.endpoint(), "shop", "web-1", 'a');
  ASSERT_TRUE(node.Attach().has_attached());
  const uint64_t number = node.Open("session-1").opened().number();
  const auto begun = std::chrono::steady_clock::now();
  ASSERT_NO_FATAL_FAILURE(CommitAll(&node, kSecondsWorth * kFramesOfASecond, 1, [number](int i) {
    return testing::DeltaOn(number, LargePut(i));
  }));
  EXPECT_GE(std::chrono::steady_clock::now() - begun, kLeast);
  EXPECT_THAT(hub.log(), HasSubstr("event=apps_slowed"));
}

// Each of these streams brings everything along with its hello, and is the only one of its app.
TEST(AppLimitsHubTest, WhoAttachesAgainAndAgainIsNotFaster) {
  testing::HubProcess hub({"--app-bytes-per-s-max", std::to_string(kBytesPerS)});
  ASSERT_OK(hub.Start());
  uint64_t number = 0;
  {
    RawNode node(hub.endpoint(), "shop", "web-1", 'z');
    ASSERT_TRUE(node.Attach().has_attached());
    number = node.Open("session-1").opened().number();
  }
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < kSecondsWorth * kFramesOfASecond; ++i) {
    const std::string name = "web-" + std::to_string(i + 2);
    RawNode node(hub.endpoint(), "shop", name, static_cast<char>('a' + i));
    v1::NodeFrame frame;
    *frame.mutable_hello() = node.MakeHello();
    frame.set_first_seq(1);
    *frame.add_deltas() = testing::DeltaOn(number, LargePut(i));
    ASSERT_TRUE(node.Send(frame));
    const std::optional<v1::Item> answer = node.ReceiveItem();
    ASSERT_TRUE(answer.has_value()) << i;
    EXPECT_EQ(answer->what_case(), v1::Item::WHAT_NOT_SET) << answer->ShortDebugString();
  }
  EXPECT_GE(std::chrono::steady_clock::now() - begun, kLeast);
}

}  // namespace
}  // namespace sessionhub
