// What nodes hear of a session, as they asked for it: a real hub, real nodes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/relay.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using std::chrono_literals::operator""ms;
using ::testing::_;
using testing::Apply;
using testing::ConnectTo;
using ::testing::Each;
using ::testing::HasSubstr;
using testing::HubProbe;
using testing::HubProcess;
using testing::IntegerAt;
using testing::kPatience;
using testing::OpenOrCreate;
using testing::QuickOptions;
using testing::Relay;
using testing::StatusIs;
using testing::WaitFor;

OpenOptions As(Interest interest) {
  OpenOptions options;
  options.create = Create::kIfMissing;
  options.interest = interest;
  options.timeout = kPatience;
  return options;
}

Committed Set(const Session& session, const std::string& path, int64_t value) {
  Edit edit = session.Begin();
  edit.Set(path, value);
  return Apply(std::move(edit));
}

// The events of one subscription, as text.
class Heard {
 public:
  explicit Heard(const Session& session)
      : subscription_(session.Subscribe([this](const Event& event) { Add(event); }).value()) {}

  bool WaitForCount(size_t count) {
    return WaitFor([&] { return All().size() >= count; });
  }
  std::vector<std::string> All() const {
    absl::MutexLock lock(&mutex_);
    return texts_;
  }

 private:
  void Add(const Event& event) {
    std::string text = std::to_string(event.from) + "-" + std::to_string(event.to);
    for (const FieldChange& change : event.changes) {
      text += " " + change.path + (change.value ? "=" + change.value->DebugString() : " gone");
    }
    if (event.kind == Event::Kind::kDeleted) text = "deleted";
    if (event.kind == Event::Kind::kCaughtUp) text = "caught up";
    absl::MutexLock lock(&mutex_);
    texts_.push_back(text);
  }

  mutable absl::Mutex mutex_;
  std::vector<std::string> texts_;
  const Subscription subscription_;
};

class InterestTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_OK(hub_.Start()); }

  HubProcess hub_;
};

TEST_F(InterestTest, AnInvalidatedNodeHearsOnceAndReadsAgainOnceItOpens) {
  Client web1 = ConnectTo(hub_.endpoint(), "web-1");
  Client web2 = ConnectTo(hub_.endpoint(), "web-2");
  const auto writer = web1.Open("ada", As(Interest::kPush));
  const auto reader = web2.Open("ada", As(Interest::kInvalidate));
  ASSERT_OK(writer);
  ASSERT_OK(reader);
  Heard heard(*reader);
  ASSERT_TRUE(Set(*writer, "n", 1).applied());
  ASSERT_TRUE(WaitFor([&] { return absl::IsUnavailable(reader->Read().status()); }));
  ReadOptions stale;
  stale.allow_stale = true;
  ASSERT_OK(reader->Read(stale));
  EXPECT_EQ(reader->Read(stale)->version(), 1u);
  uint64_t last = 0;
  for (int i = 2; i <= 20; ++i) last = Set(*writer, "n", i).version;
  EXPECT_EQ(web2.stats().catch_ups_received, 1u) << "more than the first";
  ASSERT_OK(web2.Open("ada", As(Interest::kInvalidate)));
  EXPECT_EQ(reader->Read()->version(), last);
  EXPECT_EQ(IntegerAt(*reader, "n"), 20);
  EXPECT_EQ(web2.stats().forwards_received, 0u);
  ASSERT_TRUE(heard.WaitForCount(2));
  EXPECT_THAT(heard.All(), ::testing::ElementsAre("1-2", "caught up"));
}

TEST_F(InterestTest, WithoutInterestTheHubHoldsNoneAndCommitsStillWork) {
  Client web1 = ConnectTo(hub_.endpoint(), "web-1");
  HubProbe probe(hub_.endpoint());
  const auto session = web1.Open("ada", As(Interest::kNone));
  ASSERT_OK(session);
  EXPECT_TRUE(WaitFor([&] { return probe.Node("web-1").interests() == 0; }));
  EXPECT_TRUE(Set(*session, "n", 1).applied());
  EXPECT_EQ(IntegerAt(*session, "n"), 1);
  EXPECT_EQ(probe.Version(testing::kApp, "ada"), 2u);
}

TEST_F(InterestTest, EvictionAskedForOrForWantOfRoomEndsInterestAtTheHub) {
  ClientOptions options = QuickOptions(hub_.endpoint(), "web-1");
  options.near_cache_bytes_max = 4096;
  Client web1 = Client::Connect(options).value();
  HubProbe probe(hub_.endpoint());
  ASSERT_OK(web1.Open("ada", As(Interest::kPush)));
  EXPECT_EQ(probe.Node("web-1").interests(), 1u);
  ASSERT_OK(web1.Evict("ada"));
  EXPECT_TRUE(WaitFor([&] { return probe.Node("web-1").interests() == 0; }));
  EXPECT_THAT(web1.Evict("ada"), StatusIs(absl::StatusCode::kNotFound, _));

  std::vector<std::string> ids;
  for (int i = 0; i < 200; ++i) ids.push_back("s" + std::to_string(i));
  for (const auto& session : web1.OpenAll(ids, As(Interest::kPush))) ASSERT_OK(session);
  EXPECT_TRUE(WaitFor([&] { return probe.Node("web-1").interests() < 100; }));
}

TEST_F(InterestTest, OpenAllGivesEachItsOwnAnswer) {
  Client web1 = ConnectTo(hub_.endpoint(), "web-1");
  ASSERT_OK(OpenOrCreate(web1, "ada"));
  const auto sessions = web1.OpenAll({"ada", "nobody", "", "ada"});
  ASSERT_EQ(sessions.size(), 4u);
  EXPECT_OK(sessions[0]);
  EXPECT_THAT(sessions[1], StatusIs(absl::StatusCode::kNotFound, _));
  EXPECT_THAT(sessions[2], StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_OK(sessions[3]);
}

TEST_F(InterestTest, OpenAllTakesTenThousandIds) {
  Client web1 = ConnectTo(hub_.endpoint(), "web-1");
  ASSERT_OK(OpenOrCreate(web1, "ada"));
  std::vector<std::string> ids(10'000, "ada");
  EXPECT_THAT(web1.OpenAll(ids), Each(testing::IsOk()));
  ids.push_back("ada");
  const auto refused = web1.OpenAll(ids);
  ASSERT_EQ(refused.size(), 10'001u);
  EXPECT_THAT(refused,
              Each(StatusIs(absl::StatusCode::kResourceExhausted,
                            "10001 sessions to open at once are over 10000: open them in parts")));
}

TEST_F(InterestTest, EventsComeInOrderAndTheEndLast) {
  Client web1 = ConnectTo(hub_.endpoint(), "web-1");
  Client web2 = ConnectTo(hub_.endpoint(), "web-2");
  auto writer = OpenOrCreate(web1, "ada");
  const auto reader = OpenOrCreate(web2, "ada");
  ASSERT_OK(writer);
  ASSERT_OK(reader);
  Heard heard(*reader);
  Heard own(*writer);
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(Set(*writer, "n", i).applied());
  ASSERT_OK(writer->Delete(kPatience).status);
  ASSERT_TRUE(heard.WaitForCount(4));
  EXPECT_THAT(heard.All(), ::testing::ElementsAre("1-2 n=1", "2-3 n=2", "3-4 n=3", "deleted"));
  ASSERT_TRUE(own.WaitForCount(1));
  EXPECT_THAT(own.All(), ::testing::ElementsAre("deleted"));
}

// The callback waits; what comes meanwhile becomes one event, and nothing else is held up.
TEST_F(InterestTest, ASlowSubscriberIsCaughtUpAndHoldsUpNothingElse) {
  Client web1 = ConnectTo(hub_.endpoint(), "web-1");
  ClientOptions options = QuickOptions(hub_.endpoint(), "web-2");
  options.session_event_bytes_max = 2000;
  Client web2 = Client::Connect(options).value();
  const auto writer = OpenOrCreate(web1, "ada");
  const auto reader = OpenOrCreate(web2, "ada");
  ASSERT_OK(writer);
  ASSERT_OK(reader);
  absl::Mutex mutex;
  bool held = true;
  std::vector<Event> events;
  absl::Status blocking;
  auto subscription = reader->Subscribe([&](const Event& event) {
    OpenOptions asks;
    asks.create = Create::kIfMissing;
    const absl::Status refused = web2.Open("other", asks).status();
    absl::MutexLock lock(&mutex);
    blocking = refused;
    mutex.Await(absl::Condition(
        +[](bool* waits) { return !*waits; }, &held));
    events.push_back(event);
  });
  ASSERT_OK(subscription);
  for (int i = 1; i <= 100; ++i) ASSERT_TRUE(Set(*writer, "n", i).applied());
  EXPECT_TRUE(WaitFor([&] { return IntegerAt(*reader, "n") == 100; }));
  absl::MutexLock lock(&mutex);
  held = false;
  const auto last = [&events] { return !events.empty() && events.back().to == 101; };
  ASSERT_TRUE(mutex.AwaitWithTimeout(absl::Condition(&last), absl::FromChrono(kPatience)));
  EXPECT_LT(events.size(), 50u);
  uint64_t at = 1;
  bool caught_up = false;
  for (const Event& event : events) {
    EXPECT_EQ(event.from, at);
    at = event.to;
    caught_up |= event.kind == Event::Kind::kCaughtUp;
  }
  EXPECT_TRUE(caught_up);
  EXPECT_THAT(blocking, StatusIs(absl::StatusCode::kFailedPrecondition, _));
}

// The user's last request was answered by web-1; he is sent to web-2, whose stream is slow.
TEST_F(InterestTest, AVersionFromAnotherNodeCuresTheStaleReadAfterARedirect) {
  Relay relay(hub_.port());
  Client web1 = ConnectTo(hub_.endpoint(), "web-1");
  Client web2 = ConnectTo(relay.endpoint(), "web-2");
  const auto here = OpenOrCreate(web1, "ada");
  ASSERT_OK(OpenOrCreate(web2, "ada"));
  relay.Hold(Relay::kToNode);
  const uint64_t seen = Set(*here, "n", 1).version;
  OpenOptions any;
  const auto stale = web2.Open("ada", any);
  ASSERT_OK(stale);
  EXPECT_EQ(IntegerAt(*stale, "n"), 0) << "it was not stale, so nothing is cured";
  relay.Release(Relay::kToNode);
  OpenOptions options;
  options.at_least_version = seen;
  options.timeout = kPatience;
  const auto there = web2.Open("ada", options);
  ASSERT_OK(there);
  EXPECT_GE(there->Read()->version(), seen);
  EXPECT_EQ(IntegerAt(*there, "n"), 1);
}

TEST_F(InterestTest, ANodeThatIsCutOffStopsAnsweringFromItsCache) {
  Relay relay(hub_.port());
  ClientOptions options = QuickOptions(relay.endpoint(), "web-1");
  options.stale_max = 300ms;
  Client web1 = Client::Connect(options).value();
  const auto session = OpenOrCreate(web1, "ada");
  ASSERT_OK(session);
  relay.Refuse(true);
  relay.Cut(Relay::How::kReset);
  EXPECT_TRUE(WaitFor([&] { return absl::IsUnavailable(session->Read().status()); }));
  ReadOptions stale;
  stale.allow_stale = true;
  EXPECT_OK(session->Read(stale));
  relay.Refuse(false);
  EXPECT_TRUE(WaitFor([&] { return session->Read().ok(); }));
}

}  // namespace
}  // namespace sessionhub
