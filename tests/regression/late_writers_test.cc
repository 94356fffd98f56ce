// A session that is gone stays gone, whoever still writes to it. (Jetty and Spring Session bring
// deleted and renamed sessions back with the next write of a request that began before.)
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>

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
using testing::HubProbe;
using testing::HubProcess;
using testing::IntegerAt;
using testing::kApp;
using testing::OpenOrCreate;
using testing::Relay;
using testing::StatusIs;
using testing::WaitFor;

constexpr auto kWait = 10'000ms;

class RegressionTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_OK(hub_.Start()); }

  HubProcess hub_;
};

TEST_F(RegressionTest, DeletedAndRenamedSessionsStaySoUnderLateWriters) {
  Client early = ConnectTo(hub_.endpoint(), "web-1");
  Client late = ConnectTo(hub_.endpoint(), "web-2");
  Session deleted = *OpenOrCreate(early, "deleted");
  Session renamed = *OpenOrCreate(early, "renamed");
  const Session late_deleted = *OpenOrCreate(late, "deleted");
  const Session late_renamed = *OpenOrCreate(late, "renamed");
  // Two requests of the second node have begun, and end after the first node's.
  Edit to_deleted = late_deleted.Begin();
  Edit to_renamed = late_renamed.Begin();
  to_deleted.Increment("n");
  to_renamed.Increment("n");
  ASSERT_TRUE(deleted.Delete(kWait).applied());
  ASSERT_OK(renamed.ChangeId("renamed-anew", 0ms, kWait));

  EXPECT_EQ(Apply(std::move(to_deleted)).kind, Committed::Kind::kRefused);
  // The session is the same under another id: the change is in it, and not under the old one.
  EXPECT_TRUE(Apply(std::move(to_renamed)).applied());
  for (Client* client : {&early, &late}) {
    ASSERT_TRUE(
        WaitFor([&] { return !client->Open("deleted").ok() && !client->Open("renamed").ok(); }));
    EXPECT_THAT(client->Open("renamed", {Create::kIfMissing}),
                StatusIs(absl::StatusCode::kNotFound, _));
  }
  const auto found = late.Open("renamed-anew");
  ASSERT_OK(found);
  EXPECT_EQ(found->number(), renamed.number());
  EXPECT_EQ(IntegerAt(*found, "n"), 1);
}

TEST_F(RegressionTest, DeleteAndRecreateOfOneIdNeverMixesTwoLives) {
  Client early = ConnectTo(hub_.endpoint(), "web-1");
  Client late = ConnectTo(hub_.endpoint(), "web-2");
  uint64_t number = 0;
  for (int life = 1; life <= 5; ++life) {
    Session session = *OpenOrCreate(early, "a");
    EXPECT_NE(session.number(), number);
    number = session.number();
    EXPECT_EQ(IntegerAt(session, "n"), 0) << "something of an earlier life is left";
    const Session other = *OpenOrCreate(late, "a");
    ASSERT_EQ(other.number(), number);
    Edit old = other.Begin();
    old.Increment("n", 100);
    Edit edit = session.Begin();
    edit.Increment("n");
    ASSERT_TRUE(Apply(std::move(edit)).applied());
    ASSERT_TRUE(session.Delete(kWait).applied());
    const Session next = *early.Open("a", {Create::kExclusive});
    EXPECT_EQ(Apply(std::move(old)).kind, Committed::Kind::kRefused);
    // The handles of the life before lead nowhere: not to the next life, nor to what was there.
    EXPECT_THAT(session.Read(), StatusIs(absl::StatusCode::kNotFound, _));
    EXPECT_TRUE(WaitFor([&] { return absl::IsNotFound(other.Read().status()); }));
    EXPECT_EQ(IntegerAt(next, "n"), 0);
    const auto next_there = late.Open("a");
    ASSERT_OK(next_there);
    EXPECT_EQ(next_there->number(), next.number());
    EXPECT_THAT(session.Read(), StatusIs(absl::StatusCode::kNotFound, _));
    EXPECT_THAT(other.Read(), StatusIs(absl::StatusCode::kNotFound, _))
        << "it reads the next life, which its node holds too";
    ASSERT_TRUE(Session(next).Delete(kWait).applied());
  }
}

// Only the hub can tell that this one is late: its node has heard nothing of the end.
TEST_F(RegressionTest, AWriterThatHasNotHeardOfTheEndDoesNotChangeTheNextLife) {
  Relay relay(hub_.port());
  Client early = ConnectTo(hub_.endpoint(), "web-1");
  Client late = ConnectTo(relay.endpoint(), "web-2");
  Session session = *OpenOrCreate(early, "a");
  const Session other = *OpenOrCreate(late, "a");
  relay.Hold(Relay::kToNode);
  ASSERT_TRUE(session.Delete(kWait).applied());
  const Session next = *early.Open("a", {Create::kExclusive});

  HubProbe probe(hub_.endpoint());
  const auto decided = [&probe] {
    const auto counters = probe.Status().counters();
    return counters.deltas_applied() + counters.deltas_refused();
  };
  const uint64_t before = decided();
  const auto end = std::make_shared<std::promise<Committed>>();
  Edit edit = other.Begin();
  edit.Increment("n", 100);
  std::move(edit).Commit(Ack::kDurable,
                         [end](const Committed& committed) { end->set_value(committed); });
  ASSERT_TRUE(WaitFor([&] { return decided() == before + 1; }));
  EXPECT_EQ(probe.Integer(kApp, "a", "n"), std::nullopt);
  relay.Release(Relay::kToNode);
  EXPECT_EQ(end->get_future().get().kind, Committed::Kind::kRefused);
  EXPECT_EQ(IntegerAt(next, "n"), 0);
}

}  // namespace
}  // namespace sessionhub
