// The checker of locks is fed histories that keep the promise, and one for each way to break it.
#include "tests/support/lock_order.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::testing {
namespace {

using ::testing::HasSubstr;
using Request = LockOrder::Request;
using Stored = LockOrder::Stored;

constexpr SessionNumber kSession = 7;

auto BreaksOrder(const std::string& how) {
  return StatusIs(absl::StatusCode::kDataLoss, HasSubstr("MergedNotLost is broken: " + how));
}

class LockOrderTest : public ::testing::Test {
 protected:
  // The lock is this after the turn; served time and hub time are the same here.
  absl::Status TurnEnds(const Stored& lock, uint64_t now_us) {
    return order_.TurnEnds({{kSession, lock}}, now_us, now_us);
  }

  LockOrder order_;
};

TEST_F(LockOrderTest, ALockGoesOnWhenItIsGivenBackAndWhenItsLeaseEnds) {
  order_.Asks(kSession, {"a", 1}, 0);
  EXPECT_OK(TurnEnds({1, {"a", 1}, 100}, 0));
  order_.Asks(kSession, {"b", 1}, 500);
  order_.Asks(kSession, {"c", 1}, 500);
  EXPECT_OK(TurnEnds({1, {"a", 1}, 100}, 10));
  order_.GivesBack(kSession, "a", 1);
  EXPECT_OK(TurnEnds({2, {"b", 1}, 200}, 20));
  EXPECT_OK(TurnEnds({3, {"c", 1}, 300}, 200));
  EXPECT_EQ(order_.waited(), 2u);
  EXPECT_EQ(order_.taken_over(), 1u);
}

TEST_F(LockOrderTest, ALockMayPassThroughSeveralHandsInOneTurn) {
  EXPECT_OK(TurnEnds({1, {"a", 1}, 100}, 0));
  order_.Asks(kSession, {"b", 1}, 500);
  order_.Asks(kSession, {"c", 1}, 500);
  order_.GivesBack(kSession, "a", 1);
  order_.GivesBack(kSession, "b", 2);
  EXPECT_OK(TurnEnds({3, {"c", 1}, 300}, 20));
}

TEST_F(LockOrderTest, NoLockIsGrantedWhileAnotherIsHeld) {
  EXPECT_OK(TurnEnds({1, {"a", 1}, 100}, 0));
  EXPECT_THAT(TurnEnds({2, {"b", 1}, 200}, 99), BreaksOrder("lock 2 of session 7 is granted"));
}

TEST_F(LockOrderTest, NoLockChangesItsHolderOrEndsByItself) {
  EXPECT_OK(TurnEnds({1, {"a", 1}, 100}, 0));
  EXPECT_THAT(TurnEnds({1, {"b", 1}, 100}, 10), BreaksOrder("lock 1 of session 7 was that of"));
  LockOrder other;
  EXPECT_OK(other.TurnEnds({{kSession, {1, {"a", 1}, 100}}}, 0, 0));
  EXPECT_THAT(other.TurnEnds({{kSession, {1, {}, 0}}}, 10, 10), BreaksOrder("lock 1 of session 7"));
}

TEST_F(LockOrderTest, NoTokenIsGivenAgain) {
  EXPECT_OK(TurnEnds({1, {"a", 1}, 50}, 0));
  EXPECT_OK(TurnEnds({2, {"a", 2}, 100}, 50));
  EXPECT_THAT(TurnEnds({1, {"a", 3}, 300}, 200), BreaksOrder("lock 2 of session 7 is followed by"));
}

TEST_F(LockOrderTest, NobodyWhoWaitsIsPassedOver) {
  EXPECT_OK(TurnEnds({1, {"a", 1}, 100}, 0));
  order_.Asks(kSession, {"b", 1}, 500);
  order_.Asks(kSession, {"c", 1}, 500);
  EXPECT_OK(TurnEnds({1, {"a", 1}, 100}, 10));
  EXPECT_THAT(TurnEnds({2, {"c", 1}, 200}, 100), BreaksOrder("the lock of session 7 goes to"));
}

TEST_F(LockOrderTest, WhoHasLeftOrWaitsNoMoreMayBePassedOver) {
  EXPECT_OK(TurnEnds({1, {"a", 1}, 100}, 0));
  order_.Asks(kSession, {"b", 1}, 50);
  order_.Asks(kSession, {"c", 1}, 500);
  order_.Asks(kSession, {"d", 1}, 500);
  EXPECT_OK(TurnEnds({1, {"a", 1}, 100}, 10));
  order_.StreamChanges("c");
  EXPECT_OK(TurnEnds({2, {"d", 1}, 200}, 100));
  order_.Asks(kSession, {"b", 2}, 500);
  order_.Asks(kSession, {"c", 2}, 500);
  order_.HubStarts({{kSession, {2, {"d", 1}, 200}}});
  order_.Asks(kSession, {"c", 2}, 500);
  EXPECT_OK(TurnEnds({3, {"c", 2}, 300}, 200)) << "who waited is known to one hub only";
}

// Granted on its older stream, it asks again on the next one, behind another that has asked since.
TEST_F(LockOrderTest, WhoIsGrantedAndChangesItsStreamInOneTurnPassesNobodyOver) {
  order_.Asks(kSession, {"a", 1}, 500);
  order_.StreamChanges("a");
  order_.Asks(kSession, {"b", 1}, 500);
  order_.Asks(kSession, {"a", 1}, 500);
  EXPECT_OK(TurnEnds({1, {"a", 1}, 100}, 10));
}

// So it may be if it has waited on its older stream, and was granted there.
TEST_F(LockOrderTest, WhoHasWaitedIsGrantedAndChangesItsStreamInOneTurnPassesNobodyOver) {
  EXPECT_OK(TurnEnds({1, {"c", 1}, 100}, 0));
  order_.Asks(kSession, {"a", 1}, 500);
  EXPECT_OK(TurnEnds({1, {"c", 1}, 100}, 10));
  order_.GivesBack(kSession, "c", 1);
  order_.StreamChanges("a");
  order_.Asks(kSession, {"b", 1}, 500);
  order_.Asks(kSession, {"a", 1}, 500);
  EXPECT_OK(TurnEnds({2, {"a", 1}, 200}, 20));
}

// In a later turn its place is that of its new question.
TEST_F(LockOrderTest, WhoHasLeftItsStreamAsksAnew) {
  EXPECT_OK(TurnEnds({1, {"c", 1}, 100}, 0));
  order_.Asks(kSession, {"a", 1}, 500);
  order_.StreamChanges("a");
  order_.TurnEnds();
  order_.Asks(kSession, {"b", 1}, 500);
  order_.Asks(kSession, {"a", 1}, 500);
  order_.GivesBack(kSession, "c", 1);
  EXPECT_THAT(TurnEnds({2, {"a", 1}, 200}, 20), BreaksOrder("the lock of session 7 goes to"));
}

TEST_F(LockOrderTest, OneTokenIsToldToOneRequest) {
  EXPECT_OK(TurnEnds({1, {"a", 1}, 100}, 0));
  EXPECT_OK(order_.Told(kSession, 1, {"a", 1}, 5));
  EXPECT_OK(order_.Told(kSession, 1, {"a", 1}, 6)) << "asked again after a cut";
  EXPECT_THAT(order_.Told(kSession, 1, {"b", 1}, 5), BreaksOrder("lock 1 of session 7 is that of"));
  LockOrder other;
  EXPECT_OK(other.TurnEnds({{kSession, {1, {"a", 1}, 100}}}, 0, 0));
  EXPECT_THAT(other.Told(kSession, 1, {"b", 1}, 5), BreaksOrder("request 1 of b is told"));
}

TEST_F(LockOrderTest, NothingIsWrittenUnderALockThatAnotherMayHave) {
  EXPECT_OK(order_.Told(kSession, 1, {"a", 1}, 5));
  EXPECT_OK(order_.Told(kSession, 2, {"b", 1}, 8));
  Write write;
  write.writer = "w";
  write.index = 1;
  write.session = kSession;
  write.lock_token = 1;
  StoredSessions stored;
  stored[kSession].changed[P("mark/w.1")] = 8;
  EXPECT_OK(order_.MergedNotLost({write}, stored));
  stored[kSession].changed[P("mark/w.1")] = 9;
  EXPECT_THAT(order_.MergedNotLost({write}, stored),
              BreaksOrder("delta w.1 is applied under lock 1"));
  write.restored = Write::Restored::kLost;
  EXPECT_OK(order_.MergedNotLost({write}, stored));
}

}  // namespace
}  // namespace sessionhub::testing
