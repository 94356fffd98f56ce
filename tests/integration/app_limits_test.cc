// What one app may take of a real hub.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_client.h"
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

int CountOf(const std::string& text, const std::string& words) {
  int count = 0;
  for (size_t at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) {
    ++count;
  }
  return count;
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

// ---- sessions ----

class AppSessionsTest : public ::testing::Test {
 protected:
  void WriteFile(const std::string& text) { std::ofstream(file_) << text; }
  void Start(const std::string& text) {
    WriteFile(text);
    ASSERT_OK(hub_.Start());
    Connect();
  }
  void Connect() { shop_.emplace(testing::ConnectTo(hub_.endpoint(), "web-1")); }
  void StartAgain() {
    shop_.reset();
    hub_.Kill();
    ASSERT_OK(hub_.Start());
    Connect();
  }
  static absl::Status Create(Client& client, const std::string& id) {
    OpenOptions options;
    options.create = Create::kIfMissing;
    options.timeout = testing::kPatience;
    return client.Open(id, options).status();
  }
  uint64_t Count() const { return testing::HubProbe(hub_.endpoint()).Status().sessions(); }

  const testing::TemporaryFolder folder_;
  const std::string file_ = folder_.path() + "/sessionhub.conf";
  testing::HubProcess hub_{{"--config", file_, "--shards", "3", "--resend-horizon-ms", "1000"}};
  std::optional<Client> shop_;
};

TEST_F(AppSessionsTest, SoManySessionsAndNoMoreAndAStartKnowsHowManyThereAre) {
  ASSERT_NO_FATAL_FAILURE(Start("app-sessions-max = 3\n"));
  ClientOptions options = testing::QuickOptions(hub_.endpoint(), "web-1");
  options.app = "bank";
  Client bank = *Client::Connect(options);
  for (const char* id : {"one", "two", "three"}) ASSERT_OK(Create(*shop_, id));
  for (int start = 0; start < 2; ++start) {
    SCOPED_TRACE(start);
    const absl::Status full = Create(*shop_, "four");
    EXPECT_TRUE(absl::IsResourceExhausted(full)) << full;
    for (const char* word : {"app shop", "app_sessions_max = 3", "--app-sessions-max"}) {
      EXPECT_THAT(std::string(full.message()), HasSubstr(word));
    }
    // Existing ones go on, and another app has room of its own.
    const Session one = testing::OpenOrCreate(*shop_, "one").value();
    Edit edit = one.Begin();
    edit.Increment("n");
    EXPECT_OK(testing::Apply(std::move(edit)).status);
    EXPECT_OK(Create(bank, "four-" + std::to_string(start)));
    EXPECT_EQ(Count(), 4u + static_cast<uint64_t>(start));
    if (start == 0) {
      ASSERT_NO_FATAL_FAILURE(StartAgain());
    }
  }
  EXPECT_TRUE(testing::OpenOrCreate(*shop_, "two")->Delete(testing::kPatience).applied());
  EXPECT_OK(Create(*shop_, "four"));
  EXPECT_TRUE(absl::IsResourceExhausted(Create(*shop_, "two")));
  EXPECT_EQ(shop_->CountSessions("", testing::kPatience).value(), 3u);
}

TEST_F(AppSessionsTest, TheLimitIsReloadedAndEndsNobody) {
  ASSERT_NO_FATAL_FAILURE(Start("app-sessions-max = 1\n"));
  ASSERT_OK(Create(*shop_, "one"));
  EXPECT_TRUE(absl::IsResourceExhausted(Create(*shop_, "two")));
  const auto reload = [&](const std::string& text, int times) {
    WriteFile(text);
    hub_.Signal(SIGHUP);
    const std::string words = "event=reloaded changed=\"app-sessions-max\" needs_restart=\"\"";
    return testing::WaitFor([&] { return CountOf(hub_.log(), words) == times; });
  };
  ASSERT_TRUE(reload("app-sessions-max = 2\n", 1)) << hub_.log();
  EXPECT_OK(Create(*shop_, "two"));
  ASSERT_TRUE(reload("app-sessions-max = 1\n", 2)) << hub_.log();
  EXPECT_EQ(Count(), 2u);
  EXPECT_TRUE(absl::IsResourceExhausted(Create(*shop_, "three")));
  ASSERT_TRUE(reload("\n", 3)) << hub_.log();
  EXPECT_OK(Create(*shop_, "three"));
}

// Ids that change between slots, sessions that expire and their clean-up are counted right, over
// kills.
TEST_F(AppSessionsTest, WhateverBecomesOfSessionsTheyAreCountedRight) {
  ASSERT_NO_FATAL_FAILURE(Start("app-sessions-max = 1000\n"));
  std::vector<std::string> ids;
  for (int i = 0; i < 200; ++i) ids.push_back("s" + std::to_string(i));
  OpenOptions brief;
  brief.create = Create::kIfMissing;
  brief.timeout = testing::kPatience;
  brief.absolute_timeout = std::chrono::milliseconds(1);
  // Some have ended before the node hears that they were created.
  shop_->OpenAll(ids, brief);
  for (int i = 0; i < 40; ++i) {
    const std::string id = "r" + std::to_string(i);
    ASSERT_OK(Create(*shop_, id));
    Session session = testing::OpenOrCreate(*shop_, id).value();
    ASSERT_OK(session.ChangeId("renamed-" + id, std::chrono::milliseconds(0), testing::kPatience));
    if (i % 4 == 0) {
      ASSERT_TRUE(session.Delete(testing::kPatience).applied());
    }
  }
  EXPECT_TRUE(testing::WaitFor([&] { return Count() == 30; })) << Count();
  EXPECT_EQ(testing::HubProbe(hub_.endpoint()).Status().counters().sessions_created(), 240u);
  ASSERT_NO_FATAL_FAILURE(StartAgain());
  EXPECT_EQ(Count(), 30u);
  EXPECT_EQ(shop_->CountSessions("", testing::kPatience).value(), 30u);
  ListOptions all;
  all.page_size = 1000;
  EXPECT_EQ(shop_->ListSessions(all, testing::kPatience)->sessions.size(), 30u);
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
