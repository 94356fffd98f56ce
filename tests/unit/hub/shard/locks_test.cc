#include "hub/shard/locks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Incarnation kHolder{1};
constexpr Incarnation kAnother{2};

LockWaiter Waiter(uint32_t request, uint64_t until_us, NodeNumber node = 1) {
  return {{node, 1}, request, Incarnation{static_cast<uint8_t>(node)}, 100, until_us};
}

std::vector<uint32_t> Requests(const std::vector<LockWaiter>& waiters) {
  std::vector<uint32_t> requests;
  for (const LockWaiter& waiter : waiters) requests.push_back(waiter.request);
  return requests;
}

// 0: nobody.
uint32_t Next(Locks* locks, SessionNumber session) {
  const auto next = locks->TakeNext(session);
  return next ? next->request : 0;
}

// ---- the stored lock ----

TEST(StoredLockTest, IsHeldUntilItsDeadlineAndNotAtIt) {
  stored::Lock lock;
  EXPECT_FALSE(IsHeld(lock, 0));
  EXPECT_FALSE(IsHeldWith(lock, 0, 0));
  const uint64_t token = Grant(kHolder, 7, 100, &lock);
  EXPECT_TRUE(IsHeldWith(lock, token, 99));
  EXPECT_FALSE(IsHeldWith(lock, token, 100));
  EXPECT_FALSE(IsHeldWith(lock, token + 1, 99));
  EXPECT_TRUE(IsHeldBy(lock, kHolder, 7, 99));
  EXPECT_FALSE(IsHeldBy(lock, kHolder, 8, 99));
  EXPECT_FALSE(IsHeldBy(lock, kAnother, 7, 99));
  EXPECT_FALSE(IsHeldBy(lock, kHolder, 7, 100));
}

TEST(StoredLockTest, TokensGrowWhateverBecomesOfTheLock) {
  stored::Lock lock;
  const uint64_t first = Grant(kHolder, 1, 100, &lock);
  EXPECT_GT(first, 0u);
  Release(&lock);
  EXPECT_FALSE(IsHeld(lock, 50));
  const uint64_t second = Grant(kAnother, 1, 200, &lock);
  EXPECT_GT(second, first);
  EXPECT_GT(Grant(kHolder, 2, 300, &lock), second);
}

// ---- those who wait ----

TEST(LocksTest, TheFirstWhoStillWaitedWhenItBecameFreeIsNext) {
  Locks locks({});
  ASSERT_OK(locks.Add(7, Waiter(1, 50), 60));
  ASSERT_OK(locks.Add(7, Waiter(2, 60), 60));
  ASSERT_OK(locks.Add(7, Waiter(3, 90), 60));
  EXPECT_EQ(Next(&locks, 7), 2u);
  EXPECT_THAT(Requests(locks.TakeLate(7, 70)), ElementsAre(1));
  locks.SetFreeAt(7, 70);
  EXPECT_EQ(Next(&locks, 7), 3u);
  EXPECT_EQ(Next(&locks, 7), 0u);
  EXPECT_EQ(locks.size(), 0u);
}

// A lock that was given back is free from then on, whatever somebody who comes now would say.
TEST(LocksTest, WhoComesLaterDoesNotMoveWhenItBecameFree) {
  Locks locks({});
  ASSERT_OK(locks.Add(7, Waiter(1, 100), 200));
  locks.SetFreeAt(7, 103);
  EXPECT_EQ(Next(&locks, 7), 0u) << "its wait has ended";
  ASSERT_OK(locks.Add(7, Waiter(2, 300), 0));
  EXPECT_EQ(Next(&locks, 7), 2u);
  EXPECT_THAT(Requests(locks.TakeLate(7, 103)), ElementsAre(1));
}

TEST(LocksTest, IsDueWhenALockEndsOrAWaitDoesAndNotSooner) {
  Locks locks({});
  EXPECT_THAT(locks.DueBy(1'000), IsEmpty());
  ASSERT_OK(locks.Add(7, Waiter(1, 100), 80));
  ASSERT_OK(locks.Add(8, Waiter(2, 90), 200));
  EXPECT_THAT(locks.DueBy(79), IsEmpty());
  EXPECT_THAT(locks.DueBy(80), ElementsAre(7));
  EXPECT_THAT(locks.DueBy(90), ElementsAre(7, 8));
  locks.SetFreeAt(7, 300);  // it was prolonged
  EXPECT_THAT(locks.DueBy(90), ElementsAre(8));
  EXPECT_THAT(Requests(locks.TakeLate(8, 90)), ElementsAre(2));
  EXPECT_THAT(locks.DueBy(99), IsEmpty());
  EXPECT_THAT(locks.TakeLate(7, 99), IsEmpty());
  EXPECT_THAT(locks.DueBy(100), ElementsAre(7));
  EXPECT_THAT(Requests(locks.TakeLate(7, 100)), ElementsAre(1));
  EXPECT_THAT(locks.DueBy(1'000), IsEmpty());
}

TEST(LocksTest, WaitersOfASessionAreBounded) {
  Locks locks({10, 2});
  EXPECT_OK(locks.Add(7, Waiter(1, 100), 80));
  EXPECT_OK(locks.Add(7, Waiter(2, 100), 80));
  EXPECT_THAT(locks.Add(7, Waiter(3, 100), 80), StatusIs(absl::StatusCode::kResourceExhausted,
                                                         HasSubstr("waiters_of_session_max = 2")));
  EXPECT_OK(locks.Add(8, Waiter(3, 100), 80));
  EXPECT_EQ(locks.size(), 3u);
}

TEST(LocksTest, WaitersOfAllSessionsAreBounded) {
  Locks locks({2, 2});
  EXPECT_OK(locks.Add(7, Waiter(1, 100), 80));
  EXPECT_OK(locks.Add(8, Waiter(2, 100), 80));
  EXPECT_THAT(locks.Add(9, Waiter(3, 100), 80),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("waiters_max = 2")));
  EXPECT_FALSE(locks.HasWaiters(9));
  EXPECT_EQ(Next(&locks, 7), 1u);
  EXPECT_OK(locks.Add(9, Waiter(3, 100), 80));
}

TEST(LocksTest, ANodesWaitersGoWithItsStream) {
  Locks locks({});
  ASSERT_OK(locks.Add(7, Waiter(1, 100, 1), 80));
  ASSERT_OK(locks.Add(7, Waiter(2, 100, 2), 80));
  ASSERT_OK(locks.Add(8, Waiter(3, 100, 1), 80));
  locks.RemoveNode(1);
  EXPECT_EQ(locks.size(), 1u);
  EXPECT_FALSE(locks.HasWaiters(8));
  EXPECT_EQ(Next(&locks, 7), 2u);
  EXPECT_THAT(locks.DueBy(1'000), IsEmpty());
}

TEST(LocksTest, ASessionsWaitersGoWithIt) {
  Locks locks({});
  ASSERT_OK(locks.Add(7, Waiter(1, 100), 80));
  ASSERT_OK(locks.Add(7, Waiter(2, 100), 80));
  EXPECT_THAT(Requests(locks.RemoveSession(7)), ElementsAre(1, 2));
  EXPECT_THAT(locks.RemoveSession(7), IsEmpty());
  EXPECT_EQ(locks.size(), 0u);
  EXPECT_THAT(locks.DueBy(1'000), IsEmpty());
}

}  // namespace
}  // namespace sessionhub::hub
