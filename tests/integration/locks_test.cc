// Locks over real sockets: who has one, for how long, and what a crash of either side leaves of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
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
using std::chrono::steady_clock;
using ::testing::_;
using testing::Apply;
using testing::ConnectTo;
using ::testing::HasSubstr;
using testing::HubProbe;
using testing::HubProcess;
using testing::IntegerAt;
using testing::OpenOrCreate;
using testing::Relay;
using testing::StatusIs;
using testing::WaitFor;

constexpr auto kPatience = 30'000ms;
const LockOptions kTry{60'000ms, 0ms, kPatience};
const LockOptions kWait{60'000ms, kPatience, kPatience};

class SessionLocksTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_OK(hub_.Start()); }

  // A write that is no increment, so that only the lock keeps two of them apart.
  static Committed Write(const Session& session, const SessionLock& lock, int64_t n) {
    Edit edit = session.Begin();
    edit.UnderLock(lock).Set("n", n);
    return std::move(edit).Commit(Ack::kDurable, kPatience);
  }
  void Restart() {
    hub_.Kill();
    ASSERT_OK(hub_.Start());
  }
  // True once somebody waits for a lock at the hub.
  bool Waits() {
    return WaitFor([this] { return HubProbe(hub_.endpoint()).Status().lock_waits() == 1; });
  }

  HubProcess hub_;
};

TEST_F(SessionLocksTest, NodesThatReadAndWriteUnderTheLockLoseNothing) {
  constexpr int kNodes = 3;
  constexpr int kTurns = 20;
  std::vector<std::thread> nodes;
  for (int n = 0; n < kNodes; ++n) {
    nodes.emplace_back([this, n] {
      Client web = ConnectTo(hub_.endpoint(), "web-" + std::to_string(n));
      Session cart = *OpenOrCreate(web, "cart");
      for (int turn = 0; turn < kTurns; ++turn) {
        const absl::StatusOr<SessionLock> lock = cart.Lock(kWait);
        ASSERT_OK(lock);
        ASSERT_TRUE(Write(cart, *lock, IntegerAt(cart, "n") + 1).applied());
      }
      web.Close(kPatience);
    });
  }
  for (std::thread& node : nodes) node.join();
  Client web = ConnectTo(hub_.endpoint(), "reader");
  EXPECT_EQ(IntegerAt(*OpenOrCreate(web, "cart"), "n"), kNodes * kTurns);
}

TEST_F(SessionLocksTest, InACallbackALockIsNeitherTakenNorProlongedButGivenBack) {
  Client web = ConnectTo(hub_.endpoint(), "web-1");
  Session cart = *OpenOrCreate(web, "cart");
  absl::StatusOr<SessionLock> lock = cart.Lock(kTry);
  ASSERT_OK(lock);
  absl::Mutex mutex;
  bool told = false;
  absl::Status taken, prolonged;
  Edit edit = cart.Begin();
  edit.Set("n", 1);
  std::move(edit).Commit(Ack::kDurable, [&](const Committed&) {
    absl::MutexLock held(&mutex);
    taken = cart.Lock({60'000ms, 0ms, 1'000ms}).status();
    prolonged = lock->Prolong(60'000ms, 1'000ms);
    lock->Unlock();
    told = true;
  });
  absl::MutexLock held(&mutex);
  mutex.Await(absl::Condition(&told));
  EXPECT_THAT(taken, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("callback")));
  EXPECT_THAT(prolonged, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("callback")));
  EXPECT_OK(cart.Lock(kWait)) << "Unlock, which does not block, gave it back";
}

TEST_F(SessionLocksTest, AWaitEndsInTime) {
  Client web1 = ConnectTo(hub_.endpoint(), "web-1");
  Client web2 = ConnectTo(hub_.endpoint(), "web-2");
  Session here = *OpenOrCreate(web1, "cart");
  Session there = *OpenOrCreate(web2, "cart");
  std::optional<SessionLock> lock = *here.Lock(kTry);
  EXPECT_GT(lock->token(), 0u);
  const auto before = steady_clock::now();
  EXPECT_THAT(there.Lock({1'000ms, 200ms, kPatience}),
              StatusIs(absl::StatusCode::kDeadlineExceeded, _));
  EXPECT_GE(steady_clock::now() - before, 200ms);
  EXPECT_LT(steady_clock::now() - before, kPatience);
  EXPECT_THAT(here.Lock(kTry), StatusIs(absl::StatusCode::kDeadlineExceeded, _))
      << "one who has it does not get it twice";
  const uint64_t first = lock->token();
  lock.reset();
  const absl::StatusOr<SessionLock> next = there.Lock(kWait);
  ASSERT_OK(next);
  EXPECT_GT(next->token(), first);
}

// To the hub, a node that is cut off is one that was killed.
TEST_F(SessionLocksTest, TheLockOfANodeThatIsGoneEndsWithItsLeaseAndSoDoItsWrites) {
  Relay relay(hub_.port());
  Client web1 = ConnectTo(relay.endpoint(), "web-1");
  Client web2 = ConnectTo(hub_.endpoint(), "web-2");
  Session here = *OpenOrCreate(web1, "cart");
  Session there = *OpenOrCreate(web2, "cart");
  const auto before = steady_clock::now();
  SessionLock lost = *here.Lock({700ms, 0ms, kPatience});
  ASSERT_TRUE(Write(here, lost, 1).applied());
  relay.Refuse(true);
  relay.Cut(Relay::How::kReset);
  const absl::StatusOr<SessionLock> lock = there.Lock(kWait);
  ASSERT_OK(lock);
  EXPECT_GE(steady_clock::now() - before, 700ms);
  EXPECT_EQ(IntegerAt(there, "n"), 1);
  ASSERT_TRUE(Write(there, *lock, 2).applied());

  relay.Refuse(false);
  Edit edit = here.Begin();
  edit.UnderLock(lost).Set("n", 7).Set("lost", true);
  const Committed late = std::move(edit).Commit(Ack::kDurable, kPatience);
  EXPECT_EQ(late.kind, Committed::Kind::kRefused);
  EXPECT_EQ(late.reason, Committed::Reason::kLockLost);
  EXPECT_THAT(lost.Prolong(1'000ms, kPatience), StatusIs(absl::StatusCode::kAborted, _));
  Restart();
  Client web3 = ConnectTo(hub_.endpoint(), "web-3");
  const Session cart = *OpenOrCreate(web3, "cart");
  EXPECT_EQ(IntegerAt(cart, "n"), 2);
  EXPECT_EQ(cart.Read()->Get("lost"), nullptr);
}

// What Lock has told is durable: the hub dies at once.
TEST_F(SessionLocksTest, AGrantOutlivesTheHub) {
  Client web1 = ConnectTo(hub_.endpoint(), "web-1");
  Client web2 = ConnectTo(hub_.endpoint(), "web-2");
  Session here = *OpenOrCreate(web1, "cart");
  Session there = *OpenOrCreate(web2, "cart");
  uint64_t last = 0;
  for (int64_t n = 1; n <= 5; ++n) {
    absl::StatusOr<SessionLock> lock = here.Lock(kWait);
    ASSERT_OK(lock);
    ASSERT_NO_FATAL_FAILURE(Restart());
    EXPECT_GT(lock->token(), last);
    last = lock->token();
    EXPECT_THAT(there.Lock(kTry), StatusIs(absl::StatusCode::kDeadlineExceeded, _));
    EXPECT_OK(lock->Prolong(60'000ms, kPatience));
    EXPECT_TRUE(Write(here, *lock, n).applied());
  }
  const absl::StatusOr<SessionLock> lock = there.Lock(kWait);
  ASSERT_OK(lock);
  EXPECT_EQ(IntegerAt(there, "n"), 5);
}

TEST_F(SessionLocksTest, WhoWaitsGoesOnWaitingAfterTheHubsDeath) {
  Client web1 = ConnectTo(hub_.endpoint(), "web-1");
  Client web2 = ConnectTo(hub_.endpoint(), "web-2");
  Session here = *OpenOrCreate(web1, "cart");
  Session there = *OpenOrCreate(web2, "cart");
  SessionLock lock = *here.Lock(kTry);
  absl::Status waited;
  std::thread waiter([&] { waited = there.Lock(kWait).status(); });
  EXPECT_TRUE(Waits());
  Restart();
  EXPECT_TRUE(Waits()) << "it has asked again";
  ASSERT_OK(lock.Prolong(60'000ms, kPatience));
  lock.Unlock();
  EXPECT_EQ(lock.token(), 0u);
  waiter.join();
  EXPECT_OK(waited);
}

TEST_F(SessionLocksTest, WhoClosesInGoodOrderLeavesNoLockBehind) {
  Client other = ConnectTo(hub_.endpoint(), "other");
  Session there = *OpenOrCreate(other, "cart");
  for (int n = 0; n < 50; ++n) {
    Client web = ConnectTo(hub_.endpoint(), "web");
    Session here = *OpenOrCreate(web, "cart");
    ASSERT_OK(here.Lock(kTry));  // and gives it back
    web.Close(kPatience);
    ASSERT_OK(there.Lock(kTry)) << "round " << n;
  }
}

// The commit is on its way when the lock is given back.
TEST_F(SessionLocksTest, ALockIsGivenBackAfterWhatWasCommittedUnderIt) {
  Client web1 = ConnectTo(hub_.endpoint(), "web-1");
  Client web2 = ConnectTo(hub_.endpoint(), "web-2");
  Session here = *OpenOrCreate(web1, "cart");
  Session there = *OpenOrCreate(web2, "cart");
  constexpr int kCommits = 50;
  std::atomic<int> applied = 0;
  {
    const SessionLock lock = *here.Lock(kTry);
    for (int n = 1; n <= kCommits; ++n) {
      Edit edit = here.Begin();
      edit.UnderLock(lock).Set("n", n);
      std::move(edit).Commit(Ack::kDurable, [&](const Committed& done) {
        if (done.applied()) ++applied;
      });
    }
  }
  const absl::StatusOr<SessionLock> next = there.Lock(kWait);
  ASSERT_OK(next);
  EXPECT_EQ(IntegerAt(there, "n"), kCommits);
  web1.Close(kPatience);
  EXPECT_EQ(applied, kCommits);
}

TEST_F(SessionLocksTest, WhoWaitsForTheLockOfASessionThatEndsIsTold) {
  Client web1 = ConnectTo(hub_.endpoint(), "web-1");
  Client web2 = ConnectTo(hub_.endpoint(), "web-2");
  Session here = *OpenOrCreate(web1, "cart");
  Session there = *OpenOrCreate(web2, "cart");
  SessionLock lock = *here.Lock(kTry);
  absl::Status waited;
  std::thread waiter([&] { waited = there.Lock(kWait).status(); });
  EXPECT_TRUE(Waits());
  ASSERT_OK(here.ChangeId("order", 0ms, kPatience));
  EXPECT_OK(lock.Prolong(60'000ms, kPatience)) << "a lock is the session's, not its id's";
  ASSERT_TRUE(here.Delete(kPatience).applied());
  waiter.join();
  EXPECT_THAT(waited, StatusIs(absl::StatusCode::kNotFound, _));
  EXPECT_THAT(lock.Prolong(60'000ms, kPatience), StatusIs(absl::StatusCode::kNotFound, _));
}

TEST_F(SessionLocksTest, WhatIsNoLockOfTheSessionIsRefusedHere) {
  Client web = ConnectTo(hub_.endpoint(), "web-1");
  Session cart = *OpenOrCreate(web, "cart");
  Session other = *OpenOrCreate(web, "other");
  SessionLock lock = *other.Lock(kTry);
  EXPECT_EQ(Write(cart, lock, 1).reason, Committed::Reason::kInvalidArgument);
  SessionLock moved = std::move(lock);
  EXPECT_TRUE(Write(other, moved, 1).applied());
  moved.Unlock();
  EXPECT_EQ(Write(other, moved, 2).reason, Committed::Reason::kLockLost);
  EXPECT_THAT(moved.Prolong(1'000ms, kPatience),
              StatusIs(absl::StatusCode::kFailedPrecondition, _));
  Edit empty = cart.Begin();
  const SessionLock own = *cart.Lock(kTry);
  empty.UnderLock(own);
  EXPECT_EQ(Apply(std::move(empty)).reason, Committed::Reason::kInvalidArgument);
  EXPECT_THAT(cart.Lock({0ms, 0ms, kPatience}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("from 1 to 600000 ms")));
  web.Close(0ms);
  EXPECT_THAT(cart.Lock(kTry), StatusIs(absl::StatusCode::kFailedPrecondition, _));
}

// One that nobody waits for any more would be held until its lease ends.
TEST_F(SessionLocksTest, AnAnswerThatComesTooLateIsGivenBack) {
  Relay relay(hub_.port());
  Client web1 = ConnectTo(relay.endpoint(), "web-1");
  Client web2 = ConnectTo(hub_.endpoint(), "web-2");
  Session here = *OpenOrCreate(web1, "cart");
  Session there = *OpenOrCreate(web2, "cart");
  relay.Hold(Relay::kToNode);
  EXPECT_THAT(here.Lock({600'000ms, 0ms, 100ms}), StatusIs(absl::StatusCode::kUnavailable, _));
  relay.Release(Relay::kToNode);
  EXPECT_OK(there.Lock(kWait));
}

}  // namespace
}  // namespace sessionhub
