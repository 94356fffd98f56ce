// How a node asks for locks, and gives them back.
#include "client/cpp/src/lock_requests.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/client/machine_driver.h"

namespace sessionhub::client {
namespace {

using std::chrono_literals::operator""ms;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::StatusIs;

constexpr LockWish kTry{30'000ms, 0ms, 0};
constexpr LockWish kPatient{30'000ms, 10'000ms, 0};

class LocksTest : public ::testing::Test {
 protected:
  static v1::Item Granted(uint32_t request, uint64_t token, Version version = 1) {
    v1::Item item;
    item.mutable_answer()->set_request(request);
    item.mutable_answer()->set_lock_token(token);
    item.mutable_answer()->set_version(version);
    return item;
  }
  static v1::Item Denied(uint32_t request, v1::RefusalReason reason) {
    v1::Item item;
    item.mutable_answer()->set_request(request);
    item.mutable_answer()->mutable_refused()->set_reason(reason);
    return item;
  }
  static MachineDriver::Attach WithLocks(bool lease_held = false) {
    MachineDriver::Attach how;
    how.lease_held = lease_held;
    how.features |= v1::FEATURE_LOCKS | v1::FEATURE_LIFE;
    return how;
  }
  void SetUp() override {
    node_.AttachAs(WithLocks());
    a_ = node_.OpenAt("a", 257, 1, 1, 5);
  }
  Token Lock(const LockWish& wish) {
    const absl::StatusOr<Token> token = node_.machine.Lock(a_, wish, node_.now);
    EXPECT_OK(token);
    return token.value_or(0);
  }
  // Asks, sends that, and is given the lock.
  void Hold(uint64_t lock_token) {
    Lock(kTry);
    node_.Give({Granted(node_.Frame().locks(0).request(), lock_token)});
  }
  Token CommitUnder(uint64_t lock_token) {
    Delta delta;
    delta.operations.push_back({Operation::Kind::kIncrement, *Path::FromText("n"), Value(1)});
    delta.lock_token = lock_token;
    return *node_.machine.Commit(a_, std::move(delta));
  }
  absl::StatusCode CodeOf(Token token) { return node_.locks.at(token).status().code(); }

  MachineDriver node_;
  CopyRef a_;
};

TEST_F(LocksTest, AGrantTellsItsTokenAndTheVersion) {
  const Token token = Lock({500ms, 100ms, 0});
  const v1::NodeFrame frame = node_.Frame();
  ASSERT_EQ(frame.locks_size(), 1);
  EXPECT_EQ(frame.locks(0).number(), 257u);
  EXPECT_EQ(frame.locks(0).lease_ms(), 500u);
  EXPECT_EQ(frame.locks(0).wait_ms(), 100u);
  EXPECT_EQ(frame.locks(0).token(), 0u);
  node_.Give({Granted(frame.locks(0).request(), 7, 1)});
  ASSERT_OK(node_.locks.at(token));
  EXPECT_EQ(node_.locks.at(token)->token, 7u);
  EXPECT_EQ(node_.locks.at(token)->version, 1u);
  EXPECT_EQ(node_.Frame().locks_size(), 0);
}

// Else its holder might read what the holder before it has overwritten.
TEST_F(LocksTest, AGrantIsToldOnceTheCopyHasWhatWasBefore) {
  const Token token = Lock({500ms, 100ms, 0});
  node_.Give({Granted(node_.Frame().locks(0).request(), 7, 3)});
  EXPECT_FALSE(node_.locks.contains(token));
  node_.Give({MachineDriver::Forward(1, 1, "n", 6)});
  EXPECT_FALSE(node_.locks.contains(token));
  node_.Give({MachineDriver::Forward(1, 2, "n", 7)});
  ASSERT_OK(node_.locks.at(token));
  EXPECT_EQ(node_.locks.at(token)->token, 7u);
  EXPECT_EQ(node_.N(a_), 7);
}

TEST_F(LocksTest, ACopyThatLagsDoesNotKeepALockThatNobodyWaitsFor) {
  const Token token = Lock(kTry);
  node_.Give({Granted(node_.Frame().locks(0).request(), 7, 3)});
  node_.machine.ForgetLock(token);
  const v1::NodeFrame frame = node_.Frame();
  ASSERT_EQ(frame.unlocks_size(), 1);
  EXPECT_EQ(frame.unlocks(0).token(), 7u);
  node_.Give({MachineDriver::Forward(1, 1, "n", 6), MachineDriver::Forward(1, 2, "n", 7)});
  EXPECT_FALSE(node_.locks.contains(token));
}

// It may have ended meanwhile.
TEST_F(LocksTest, AfterACutAGrantThatWasNotToldIsAskedForAgain) {
  const Token token = Lock(kPatient);
  const uint32_t request = node_.Frame().locks(0).request();
  node_.Give({Granted(request, 7, 3)});
  node_.Down();
  node_.AttachAs(WithLocks(true));
  EXPECT_EQ(node_.Frame().locks(0).request(), request);
  node_.Give({MachineDriver::CatchUp(1, 1, 3, 0, {{"n", 7}})});
  EXPECT_FALSE(node_.locks.contains(token));
  node_.Give({Granted(request, 8, 3)});
  EXPECT_EQ(node_.locks.at(token)->token, 8u);
}

TEST_F(LocksTest, ADenialSaysWhy) {
  const Token locked = Lock(kTry);
  const Token gone = Lock(kTry);
  const v1::NodeFrame frame = node_.Frame();
  ASSERT_EQ(frame.locks_size(), 2);
  EXPECT_NE(frame.locks(0).request(), frame.locks(1).request());
  node_.Give(
      {Denied(frame.locks(0).request(), v1::LOCKED), Denied(frame.locks(1).request(), v1::GONE)});
  EXPECT_EQ(CodeOf(locked), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(CodeOf(gone), absl::StatusCode::kNotFound);
}

TEST_F(LocksTest, AnAnswerToAnIdChangeIsNoGrant) {
  ASSERT_OK(node_.machine.ChangeId(a_, "b", 0ms));
  const Token token = Lock(kTry);
  const v1::NodeFrame frame = node_.Frame();
  v1::Item renamed;
  renamed.mutable_answer()->set_request(frame.renames(0).request());
  node_.Give({renamed});
  EXPECT_EQ(node_.id_changes.size(), 1u);
  EXPECT_FALSE(node_.locks.contains(token));
}

// The hub recognises the request by its number.
TEST_F(LocksTest, AfterACutItIsAskedAgainForTheRestOfTheWait) {
  const Token token = Lock(kPatient);
  const uint32_t request = node_.Frame().locks(0).request();
  node_.Down();
  node_.now += 4'000ms;
  node_.AttachAs(WithLocks(true));
  const v1::NodeFrame frame = node_.Frame();
  ASSERT_EQ(frame.locks_size(), 1);
  EXPECT_EQ(frame.locks(0).request(), request);
  EXPECT_EQ(frame.locks(0).wait_ms(), 6'000u);
  node_.Down();
  node_.now += 7'000ms;
  node_.AttachAs(WithLocks());
  EXPECT_EQ(node_.Frame().locks(0).wait_ms(), 0u);
  node_.Give({Granted(request, 7)});
  EXPECT_OK(node_.locks.at(token));
}

// Its caller has gone away, and the lock would be held by nobody until its lease ends.
TEST_F(LocksTest, AGrantThatNobodyWaitsForIsGivenBack) {
  const Token token = Lock(kPatient);
  const uint32_t request = node_.Frame().locks(0).request();
  node_.machine.ForgetLock(token);
  node_.Give({Granted(request, 7)});
  const v1::NodeFrame frame = node_.Frame();
  ASSERT_EQ(frame.unlocks_size(), 1);
  EXPECT_EQ(frame.unlocks(0).number(), 257u);
  EXPECT_EQ(frame.unlocks(0).token(), 7u);
  EXPECT_FALSE(node_.locks.contains(token));
}

TEST_F(LocksTest, WhatMayHaveBeenGrantedBeforeACutIsAskedForWithoutAWait) {
  const Token sent = Lock(kPatient);
  const uint32_t request = node_.Frame().locks(0).request();
  const Token unsent = Lock(kPatient);
  node_.machine.ForgetLock(sent);
  node_.machine.ForgetLock(unsent);
  node_.Down();
  node_.AttachAs(WithLocks(true));
  const v1::NodeFrame frame = node_.Frame();
  ASSERT_EQ(frame.locks_size(), 1);
  EXPECT_EQ(frame.locks(0).request(), request);
  EXPECT_EQ(frame.locks(0).wait_ms(), 0u);
  node_.Give({Denied(request, v1::LOCKED)});
  node_.Down();
  node_.AttachAs(WithLocks(true));
  EXPECT_EQ(node_.Frame().locks_size(), 0);
}

// At the hub an outage does not count: there the lease may have much before it.
TEST_F(LocksTest, WhatIsGivenBackInAnOutageIsToldHoweverLongItWas) {
  Hold(7);
  node_.Down();
  node_.now += 20'000ms;
  node_.machine.Unlock(a_, 7, node_.now + 10'000ms);
  node_.now += 60'000ms;
  node_.AttachAs(WithLocks(true));
  const v1::NodeFrame frame = node_.Frame();
  ASSERT_EQ(frame.unlocks_size(), 1);
  EXPECT_EQ(frame.unlocks(0).token(), 7u);
}

// Else it would be refused for the node's own lock.
TEST_F(LocksTest, WhoGivesALockBackAndAsksAnewIsNotInHisOwnWay) {
  Hold(7);
  CommitUnder(7);
  node_.machine.Unlock(a_, 7, node_.now + 30'000ms);
  Lock(kTry);
  const v1::NodeFrame before = node_.Frame();
  EXPECT_EQ(before.locks_size() + before.unlocks_size(), 0) << "the commit is not answered";
  node_.Give({MachineDriver::Ack(1, 1)});
  const v1::NodeFrame frame = node_.Frame();
  EXPECT_EQ(frame.unlocks_size(), 1);
  EXPECT_EQ(frame.locks_size(), 1);
}

TEST_F(LocksTest, AGrantThatHasEndedBeforeTheCopyWasThereIsAskedForAnew) {
  const Token token = Lock({500ms, 100ms, 0});
  const uint32_t request = node_.Frame().locks(0).request();
  node_.Give({Granted(request, 7, 2)});
  node_.now += 500ms;
  node_.Give({MachineDriver::Forward(1, 1, "n", 6)});
  EXPECT_FALSE(node_.locks.contains(token));
  EXPECT_EQ(node_.Frame().locks(0).request(), request);
  node_.Give({Granted(request, 8, 2)});
  EXPECT_EQ(node_.locks.at(token)->token, 8u);
}

TEST_F(LocksTest, WhatIsGivenBackIsToldAgainAfterACutUntilTheLeaseHasEnded) {
  Hold(7);
  node_.machine.Unlock(a_, 7, node_.now + 30'000ms);
  EXPECT_EQ(node_.Frame().unlocks_size(), 1);
  EXPECT_EQ(node_.Frame().unlocks_size(), 0);
  node_.Down();
  node_.now += 29'999ms;
  node_.AttachAs(WithLocks(true));
  EXPECT_EQ(node_.Frame().unlocks_size(), 1);
  node_.now += 1ms;
  node_.machine.Tick(node_.now);
  node_.Down();
  node_.AttachAs(WithLocks(true));
  EXPECT_EQ(node_.Frame().unlocks_size(), 0);
}

TEST_F(LocksTest, ALockIsKeptUntilTheCommitsUnderItAreAnswered) {
  Hold(7);
  const Token commit = CommitUnder(7);
  node_.machine.Unlock(a_, 7, node_.now + 30'000ms);
  const v1::NodeFrame frame = node_.Frame();
  EXPECT_EQ(frame.deltas(0).lock_token(), 7u);
  EXPECT_EQ(frame.unlocks_size(), 0);
  node_.Down();
  node_.AttachAs(WithLocks(true));
  EXPECT_EQ(node_.Frame().unlocks_size(), 0) << "the commit is sent again";
  node_.Give({MachineDriver::CatchUp(1, 1, 1, 0, {}), MachineDriver::Ack(1, 1)});
  EXPECT_TRUE(node_.commits.at(commit).applied());
  EXPECT_EQ(node_.Frame().unlocks_size(), 1);
}

TEST_F(LocksTest, OtherCommitsDoNotKeepALock) {
  Hold(7);
  node_.Increment(a_);
  CommitUnder(8);
  node_.machine.Unlock(a_, 7, node_.now + 30'000ms);
  EXPECT_EQ(node_.Frame().unlocks_size(), 1);
}

TEST_F(LocksTest, ACommitUnderALostLockIsRefusedWithItsReason) {
  const Token commit = CommitUnder(7);
  node_.Frame();
  node_.Give({MachineDriver::Refused(1, v1::LOCK_LOST)});
  EXPECT_EQ(node_.commits.at(commit).kind, Committed::Kind::kRefused);
  EXPECT_EQ(node_.commits.at(commit).reason, Committed::Reason::kLockLost);
  EXPECT_EQ(node_.N(a_), 5);
}

TEST_F(LocksTest, WhatIsProlongedIsNamed) {
  Hold(7);
  const Token token = Lock({60'000ms, 0ms, 7});
  const v1::NodeFrame frame = node_.Frame();
  EXPECT_EQ(frame.locks(0).token(), 7u);
  EXPECT_EQ(frame.locks(0).lease_ms(), 60'000u);
  node_.Give({Denied(frame.locks(0).request(), v1::LOCK_LOST)});
  EXPECT_EQ(CodeOf(token), absl::StatusCode::kAborted);
  // To prolong a lock whose holder does not wait is not worth a second try.
  const Token late = Lock({60'000ms, 0ms, 7});
  EXPECT_EQ(node_.Frame().locks_size(), 1);
  node_.machine.ForgetLock(late);
  node_.Down();
  node_.AttachAs(WithLocks(true));
  EXPECT_EQ(node_.Frame().locks_size(), 0);
}

TEST_F(LocksTest, WhatIsNotLegalIsNotSent) {
  const auto refused = [this](const LockWish& wish, const std::string& words) {
    EXPECT_THAT(node_.machine.Lock(a_, wish, node_.now),
                StatusIs(absl::StatusCode::kInvalidArgument, words));
  };
  refused({0ms, 0ms, 0}, "lease must be from 1 to 600000 ms, not 0");
  refused({600'001ms, 0ms, 0}, "lease must be from 1 to 600000 ms, not 600001");
  refused({1ms, -1ms, 0}, "wait must be from 0 to 60000 ms, not -1");
  refused({1ms, 60'001ms, 0}, "wait must be from 0 to 60000 ms, not 60001");
  EXPECT_THAT(node_.machine.Lock({999, 1}, kTry, node_.now),
              StatusIs(absl::StatusCode::kNotFound, _));
  EXPECT_EQ(node_.Frame().locks_size(), 0);
  EXPECT_OK(node_.machine.Lock(a_, {600'000ms, 60'000ms, 0}, node_.now));
}

TEST_F(LocksTest, AHubWithoutLocksIsNotAsked) {
  const Token pending = Lock(kPatient);
  const Token commit = CommitUnder(7);
  node_.Down();
  MachineDriver::Attach how;
  how.lease_held = true;
  node_.AttachAs(how);
  EXPECT_EQ(CodeOf(pending), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(node_.machine.Lock(a_, kTry, node_.now),
              StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("locks")));
  EXPECT_EQ(node_.Frame().locks_size(), 0);
  node_.Collect();
  EXPECT_EQ(node_.commits.at(commit).reason, Committed::Reason::kUnsupported);
  node_.machine.Unlock(a_, 7, node_.now + 30'000ms);
  EXPECT_EQ(node_.Frame().unlocks_size(), 0) << "the hub would end the stream";
  EXPECT_FALSE(node_.machine.Leave());
}

TEST_F(LocksTest, RequestsEndWithTheClientAndWithTheHistory) {
  const Token first = Lock(kPatient);
  node_.Down();
  MachineDriver::Attach other = WithLocks();
  other.history = "h2";
  node_.AttachAs(other);
  EXPECT_EQ(CodeOf(first), absl::StatusCode::kUnavailable);
  const CopyRef before = a_;
  a_ = node_.OpenAt("a", 257, 1, 1, 5);
  node_.machine.Unlock(before, 7, node_.now + 30'000ms);
  EXPECT_EQ(node_.Frame().unlocks_size(), 0) << "7 may be another's there";
  const Token second = Lock(kPatient);
  node_.machine.Close(absl::FailedPreconditionError("closed"), false);
  node_.Collect();
  EXPECT_EQ(CodeOf(second), absl::StatusCode::kFailedPrecondition);
}

// A client that closes in good order has told what it gives back.
TEST_F(LocksTest, LeavingWaitsUntilALockIsGivenBack) {
  Hold(7);
  EXPECT_FALSE(node_.machine.Leave());
  node_.machine.Unlock(a_, 7, node_.now + 30'000ms);
  EXPECT_TRUE(node_.machine.Leave());
  EXPECT_EQ(node_.Frame().unlocks_size(), 1);
  EXPECT_FALSE(node_.machine.Leave());
}

TEST(LockRequestsTest, AreBounded) {
  LockRequests requests;
  const Time now = Time() + std::chrono::hours(1);
  for (Token token = 1; token <= LockRequests::kPendingMax; ++token) {
    ASSERT_OK(requests.Add(token, 257, kTry, now));
  }
  EXPECT_THAT(requests.Add(9'999, 257, kTry, now),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("1024")));
  requests.Forget(1);
  EXPECT_OK(requests.Add(9'999, 257, kTry, now));
}

TEST(LockRequestsTest, OfWhatWasGivenBackTheNewestIsToldAgain) {
  LockRequests requests;
  const Time now = Time() + std::chrono::hours(1);
  const auto any = [](const LockReturn&) { return true; };
  for (uint64_t n = 1; n <= LockRequests::kToldMax + 5; ++n) requests.Return(257, n, now + 1ms);
  EXPECT_EQ(requests.TakeReturns(5, any).size(), 5u);
  EXPECT_EQ(requests.TakeReturns(9'999, any).size(), LockRequests::kToldMax);
  EXPECT_FALSE(requests.HasReturns());
  requests.Cut(now);
  const std::vector<LockReturn> again = requests.TakeReturns(9'999, any);
  ASSERT_EQ(again.size(), LockRequests::kToldMax);
  EXPECT_EQ(again.front().lock_token, 6u);
  requests.Cut(now + 1ms);
  EXPECT_TRUE(requests.TakeReturns(9'999, any).empty()) << "their leases have ended";
  for (uint64_t n = 0; n <= LockRequests::kReturnsMax; ++n) requests.Return(257, n, now + 1ms);
  EXPECT_EQ(requests.TakeReturns(99'999, any).front().lock_token, 1u);
}

TEST(LockRequestsTest, ClearTellsWhoWaits) {
  LockRequests requests;
  const Time now = Time() + std::chrono::hours(1);
  for (Token token = 1; token <= 2; ++token) {
    ASSERT_OK(requests.Add(token, 257, kTry, now));
    LockRequest* request = requests.NextUnsent();
    EXPECT_TRUE(LockRequests::Numbers(request->request));
    request->sent = request->sent_ever = true;
  }
  requests.Forget(1);
  EXPECT_THAT(requests.Clear(), ElementsAre(2));
  EXPECT_EQ(requests.size(), 0u);
}

}  // namespace
}  // namespace sessionhub::client
