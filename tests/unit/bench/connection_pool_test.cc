#include "bench/compare/connection_pool.h"

#include <gtest/gtest.h>

#include <thread>

#include "absl/synchronization/notification.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::bench {
namespace {

using ::sessionhub::testing::StatusIs;
using ::testing::HasSubstr;

// Number of the connection; a move leaves nothing.
struct Number {
  explicit Number(int of) : number(of) {}
  Number(Number&& other) noexcept : number(std::exchange(other.number, 0)) {}
  Number& operator=(Number&& other) noexcept {
    number = std::exchange(other.number, 0);
    return *this;
  }
  int number;
};

class ConnectionPoolTest : public ::testing::Test {
 protected:
  absl::StatusOr<int> Which() {
    return pool_.With([](Number& connection) -> absl::StatusOr<int> { return connection.number; });
  }

  int made_ = 0;
  bool reachable_ = true;
  ConnectionPool<Number> pool_{[this]() -> absl::StatusOr<Number> {
    if (!reachable_) return absl::UnavailableError("nobody is there");
    return Number(++made_);
  }};
};

TEST_F(ConnectionPoolTest, UsesAConnectionAgain) {
  ASSERT_OK(pool_.Start());
  EXPECT_EQ(Which().value(), 1);
  EXPECT_EQ(Which().value(), 1);
}

TEST_F(ConnectionPoolTest, MakesAnotherWhileOneIsUsed) {
  ASSERT_OK(pool_.With([&](Number& connection) {
    EXPECT_EQ(connection.number, 1);
    EXPECT_EQ(Which().value(), 2);
    return absl::OkStatus();
  }));
  EXPECT_EQ(Which().value(), 1) << "the one that was given back last";
}

TEST_F(ConnectionPoolTest, TriesOnceMoreOnANewConnection) {
  ASSERT_OK(pool_.Start());
  int tried = 0;
  ASSERT_OK(pool_.With([&](Number& connection) {
    ++tried;
    return connection.number == 1 ? absl::UnavailableError("lost") : absl::OkStatus();
  }));
  EXPECT_EQ(tried, 2);
  EXPECT_EQ(Which().value(), 2);
}

TEST_F(ConnectionPoolTest, GivesUpWhenANewConnectionIsLostAsWell) {
  ASSERT_OK(pool_.Start());
  int tried = 0;
  EXPECT_THAT(pool_.With([&](Number&) {
    ++tried;
    return absl::UnavailableError("lost again");
  }),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("lost again")));
  EXPECT_EQ(tried, 2);
  EXPECT_EQ(Which().value(), 3);
}

TEST_F(ConnectionPoolTest, OtherErrorsLeaveTheConnection) {
  EXPECT_THAT(pool_.With([](Number&) { return absl::NotFoundError("no such key"); }),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("no such key")));
  EXPECT_EQ(Which().value(), 1);
}

TEST_F(ConnectionPoolTest, CannotStartWithoutAServer) {
  reachable_ = false;
  EXPECT_THAT(pool_.Start(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("nobody")));
}

// Takes all connections, one within the other.
void TakeAll(ConnectionPool<Number>* pool, size_t count, const std::function<void()>& then) {
  if (count == 0) return then();
  ASSERT_OK(pool->With([&](Number&) {
    TakeAll(pool, count - 1, then);
    return absl::OkStatus();
  }));
}

TEST_F(ConnectionPoolTest, WaitsWhileAllAreUsed) {
  absl::Notification served;
  std::thread waiter;
  TakeAll(&pool_, kPoolConnectionsMax, [&] {
    waiter = std::thread([&] {
      EXPECT_OK(Which());
      served.Notify();
    });
    EXPECT_FALSE(served.WaitForNotificationWithTimeout(absl::Milliseconds(20)));
  });
  waiter.join();
  EXPECT_TRUE(served.HasBeenNotified());
  EXPECT_EQ(made_, static_cast<int>(kPoolConnectionsMax));
}

}  // namespace
}  // namespace sessionhub::bench
