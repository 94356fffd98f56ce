#include "hub/shard/delivery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sessionhub::hub {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr SessionNumber kA = 1;
constexpr SessionNumber kB = 2;

Delivery Waiting(uint64_t seq, Version version, std::vector<NodeNumber> nodes) {
  Delivery delivery;
  delivery.committer = {9, 1};
  delivery.seq = seq;
  delivery.version = version;
  delivery.waiting = std::move(nodes);
  return delivery;
}

class DeliveriesTest : public ::testing::Test {
 protected:
  // "5" is done; "5 but web-1"; "5 unknown".
  std::vector<std::string> Done() {
    std::vector<std::string> texts;
    for (const Deliveries::Done& done : deliveries_.TakeDone()) {
      std::string text = std::to_string(done.seq);
      for (const std::string& name : done.missing) text += " but " + name;
      texts.push_back(done.unknown ? text + " unknown" : text);
    }
    return texts;
  }

  Deliveries deliveries_{4};
};

TEST_F(DeliveriesTest, IsDoneOnceEveryNodeHasReachedTheVersion) {
  deliveries_.Add(kA, Waiting(5, 10, {1, 2}));
  EXPECT_TRUE(deliveries_.Waits(kA, 1));
  EXPECT_FALSE(deliveries_.Waits(kB, 1));
  deliveries_.Applied(kA, 1, 9);
  deliveries_.Applied(kB, 1, 10);
  deliveries_.Applied(kA, 2, 11);
  EXPECT_TRUE(deliveries_.Waits(kA, 1));
  EXPECT_FALSE(deliveries_.Waits(kA, 2));
  EXPECT_THAT(Done(), IsEmpty());
  deliveries_.Applied(kA, 1, 10);
  EXPECT_THAT(Done(), ElementsAre("5"));
  EXPECT_EQ(deliveries_.waits(), 0u);
}

TEST_F(DeliveriesTest, WaitsForNobodyMeansDone) {
  deliveries_.Add(kA, Waiting(5, 10, {}));
  EXPECT_THAT(Done(), ElementsAre("5"));
}

TEST_F(DeliveriesTest, OneReceiptEndsAllThatItReaches) {
  deliveries_.Add(kA, Waiting(5, 10, {1}));
  deliveries_.Add(kA, Waiting(6, 11, {1}));
  deliveries_.Add(kA, Waiting(7, 12, {1}));
  deliveries_.Applied(kA, 1, 11);
  EXPECT_THAT(Done(), ElementsAre("5", "6"));
  EXPECT_EQ(deliveries_.waits(), 1u);
}

TEST_F(DeliveriesTest, AVersionSaysNothingOfAnEnd) {
  Delivery end = Waiting(5, 10, {1, 2});
  end.ends = true;
  deliveries_.Add(kA, end);
  deliveries_.Applied(kA, 1, 100);
  EXPECT_TRUE(deliveries_.Waits(kA, 1));
  deliveries_.Told(kA, 1);
  deliveries_.Closed(kA, 2, "web-2");  // serves it no more
  EXPECT_THAT(Done(), ElementsAre("5"));
}

TEST_F(DeliveriesTest, WhoClosesOrIsGoneIsMissing) {
  deliveries_.Add(kA, Waiting(5, 10, {1, 2}));
  deliveries_.Add(kB, Waiting(6, 3, {2}));
  deliveries_.Closed(kA, 1, "web-1");
  EXPECT_THAT(Done(), IsEmpty());
  deliveries_.LeaseEnded(2, "web-2");
  const std::vector<std::string> done = Done();
  EXPECT_THAT(done, ::testing::UnorderedElementsAre("5 but web-1 but web-2", "6 but web-2"));
  EXPECT_EQ(deliveries_.waits(), 0u);
}

TEST_F(DeliveriesTest, ACommitterThatIsCutIsForgotten) {
  deliveries_.Add(kA, Waiting(5, 10, {1, 2}));
  Delivery other = Waiting(6, 11, {1});
  other.committer = {8, 1};
  deliveries_.Add(kA, other);
  deliveries_.Forget(9);
  EXPECT_THAT(Done(), IsEmpty());
  EXPECT_EQ(deliveries_.waits(), 1u);
  deliveries_.Applied(kA, 1, 11);
  EXPECT_THAT(Done(), ElementsAre("6"));
}

TEST_F(DeliveriesTest, HasABoundAndAWaitHasAnEnd) {
  Delivery old = Waiting(5, 10, {1, 2, 3});
  old.begun_us = 100;
  deliveries_.Add(kA, old);
  EXPECT_TRUE(deliveries_.HasRoom(1));
  EXPECT_FALSE(deliveries_.HasRoom(2));
  deliveries_.GiveUp(100);
  EXPECT_THAT(Done(), IsEmpty());
  deliveries_.GiveUp(101);
  EXPECT_THAT(Done(), ElementsAre("5 unknown"));
  EXPECT_TRUE(deliveries_.HasRoom(4));
}

}  // namespace
}  // namespace sessionhub::hub
