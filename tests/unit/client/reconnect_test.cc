#include "client/cpp/src/reconnect.h"

#include <gtest/gtest.h>

namespace sessionhub::client {
namespace {

using std::chrono::milliseconds;

TEST(Reconnect, PausesGrowToTheMaximumAndStartOverOnceTheHubIsReached) {
  Reconnect reconnect({"a"}, milliseconds(50), milliseconds(300));
  EXPECT_EQ(reconnect.Failed(0), milliseconds(50));
  EXPECT_EQ(reconnect.Failed(0), milliseconds(100));
  EXPECT_EQ(reconnect.Failed(0), milliseconds(200));
  EXPECT_EQ(reconnect.Failed(0), milliseconds(300));
  EXPECT_EQ(reconnect.Failed(0), milliseconds(300));
  reconnect.Reached();
  EXPECT_EQ(reconnect.Failed(0), milliseconds(50));
}

TEST(Reconnect, APauseIsBetweenHalfAndTheWhole) {
  milliseconds shortest(1'000), longest(0);
  for (uint64_t random = 0; random < 200; ++random) {
    Reconnect reconnect({"a"}, milliseconds(100), milliseconds(100));
    const milliseconds pause = reconnect.Failed(random);
    shortest = std::min(shortest, pause);
    longest = std::max(longest, pause);
  }
  EXPECT_EQ(shortest, milliseconds(50));
  EXPECT_EQ(longest, milliseconds(100));
}

TEST(Reconnect, TriesEndpointsInTurnAndTheOneReachedFirst) {
  Reconnect reconnect({"a", "b"}, milliseconds(1), milliseconds(1));
  EXPECT_EQ(reconnect.endpoint(), "a");
  reconnect.Failed(0);
  EXPECT_EQ(reconnect.endpoint(), "b");
  reconnect.Reached();
  reconnect.Failed(0);
  EXPECT_EQ(reconnect.endpoint(), "b");
  reconnect.Failed(0);
  EXPECT_EQ(reconnect.endpoint(), "a");
}

}  // namespace
}  // namespace sessionhub::client
