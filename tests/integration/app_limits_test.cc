// What one app may take of a real hub.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <fstream>
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
