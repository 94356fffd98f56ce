#include "client/cpp/src/subscriptions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace sessionhub::client {
namespace {

using Kind = Event::Kind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr CopyRef kAda{1, 1};
constexpr CopyRef kGrace{2, 1};
constexpr size_t kRoomForAll = 1 << 20;

Event ChangeOf(uint64_t to, size_t value_bytes = 100) {
  Event event;
  event.from = to - 1;
  event.to = to;
  event.changes.push_back({"a", Value(std::string(value_bytes, 'x')), false});
  return event;
}

// What one subscriber was told, as text, and its place among the subscriptions.
class Reader {
 public:
  Reader(Subscriptions* subscriptions, const CopyRef& ref)
      : subscriptions_(subscriptions),
        subscriber_(subscriptions->Add(ref, [this](const Event& event) { Note(event); })) {}

  // Everything that waits, told now.
  std::vector<std::string> Drain() {
    while (subscriptions_->Tell(subscriber_.get())) continue;
    return std::exchange(told_, {});
  }
  void Remove() { subscriptions_->Remove(subscriber_); }

 private:
  void Note(const Event& event) {
    const std::string range = std::to_string(event.from) + "-" + std::to_string(event.to);
    told_.push_back((event.kind == Kind::kCaughtUp ? "caught up " : "") + range);
  }

  Subscriptions* const subscriptions_;
  std::vector<std::string> told_;
  const std::shared_ptr<Subscriber> subscriber_;
};

TEST(Subscriptions, AtTheTotalOfAllEverythingWaits) {
  Subscriptions subscriptions(2 * EventSizeBytes(ChangeOf(2)), kRoomForAll);
  Reader ada(&subscriptions, kAda);
  Reader grace(&subscriptions, kGrace);
  subscriptions.Publish(kAda, ChangeOf(2));
  subscriptions.Publish(kGrace, ChangeOf(2));
  EXPECT_THAT(ada.Drain(), ElementsAre("1-2"));
  EXPECT_THAT(grace.Drain(), ElementsAre("1-2"));
}

// Each of the two is far below its own bound.
TEST(Subscriptions, OnePastTheTotalWhoeverIsToldMoreIsCaughtUp) {
  Subscriptions subscriptions(2 * EventSizeBytes(ChangeOf(2)), kRoomForAll);
  Reader ada(&subscriptions, kAda);
  Reader grace(&subscriptions, kGrace);
  subscriptions.Publish(kAda, ChangeOf(2));
  subscriptions.Publish(kGrace, ChangeOf(2, 101));
  EXPECT_THAT(grace.Drain(), ElementsAre("caught up 1-2"));
  EXPECT_THAT(ada.Drain(), ElementsAre("1-2")) << "what waits for another stays";
}

TEST(Subscriptions, WhatIsToldMakesRoomForAllOthers) {
  const size_t one = EventSizeBytes(ChangeOf(2));
  Subscriptions subscriptions(one, kRoomForAll);
  Reader ada(&subscriptions, kAda);
  Reader grace(&subscriptions, kGrace);
  for (uint64_t to = 2; to < 5; ++to) {
    subscriptions.Publish(kAda, ChangeOf(to));
    EXPECT_THAT(ada.Drain(), ElementsAre(std::to_string(to - 1) + "-" + std::to_string(to)));
    subscriptions.Publish(kGrace, ChangeOf(to));
    EXPECT_THAT(grace.Drain(), ElementsAre(std::to_string(to - 1) + "-" + std::to_string(to)));
  }
}

TEST(Subscriptions, RemoveGivesItsRoomBackOnce) {
  const size_t one = EventSizeBytes(ChangeOf(2));
  Subscriptions subscriptions(2 * one, kRoomForAll);
  Reader ada(&subscriptions, kAda);
  Reader grace(&subscriptions, kGrace);
  subscriptions.Publish(kAda, ChangeOf(2));
  subscriptions.Publish(kAda, ChangeOf(3));
  ada.Remove();
  ada.Remove();
  subscriptions.Publish(kGrace, ChangeOf(2));
  subscriptions.Publish(kGrace, ChangeOf(3));
  EXPECT_THAT(ada.Drain(), IsEmpty()) << "no call begins after Remove";
  EXPECT_THAT(grace.Drain(), ElementsAre("1-2", "2-3"));
  subscriptions.Publish(kGrace, ChangeOf(4));
  subscriptions.Publish(kGrace, ChangeOf(5));
  subscriptions.Publish(kGrace, ChangeOf(6));
  EXPECT_THAT(grace.Drain(), ElementsAre("caught up 3-6")) << "it was given back twice";
}

TEST(Subscriptions, RemoveAllGivesAllRoomBackAndARemoveAfterItNothing) {
  Subscriptions subscriptions(EventSizeBytes(ChangeOf(2)), kRoomForAll);
  Reader ada(&subscriptions, kAda);
  subscriptions.Publish(kAda, ChangeOf(2));
  subscriptions.RemoveAll();
  ada.Remove();
  EXPECT_THAT(ada.Drain(), IsEmpty());
  Reader grace(&subscriptions, kGrace);
  subscriptions.Publish(kGrace, ChangeOf(2));
  EXPECT_THAT(grace.Drain(), ElementsAre("1-2"));
  subscriptions.Publish(kGrace, ChangeOf(3, 101));
  EXPECT_THAT(grace.Drain(), ElementsAre("caught up 2-3"));
}

// An event wakes a subscriber once, however many more come before it is told.
TEST(Subscriptions, OnlyWhoIsIdleNeedsATellOfItsOwn) {
  Subscriptions subscriptions(kRoomForAll, kRoomForAll);
  Reader ada(&subscriptions, kAda);
  Reader also_ada(&subscriptions, kAda);
  EXPECT_EQ(subscriptions.Publish(kAda, ChangeOf(2)).size(), 2u);
  EXPECT_TRUE(subscriptions.Publish(kAda, ChangeOf(3)).empty());
  EXPECT_TRUE(subscriptions.Publish({kAda.number, 2}, ChangeOf(4)).empty()) << "an earlier copy";
  EXPECT_THAT(ada.Drain(), ElementsAre("1-2", "2-3"));
  EXPECT_EQ(subscriptions.Publish(kAda, ChangeOf(4)).size(), 1u);
}

}  // namespace
}  // namespace sessionhub::client
