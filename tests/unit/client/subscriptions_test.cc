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
constexpr size_t kRoom = 1 << 20;

Event Changed(uint64_t to, size_t value_bytes = 100) {
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
  Subscriptions subscriptions(2 * EventSizeBytes(Changed(2)), kRoom);
  Reader ada(&subscriptions, kAda);
  Reader grace(&subscriptions, kGrace);
  subscriptions.Publish(kAda, Changed(2));
  subscriptions.Publish(kGrace, Changed(2));
  EXPECT_THAT(ada.Drain(), ElementsAre("1-2"));
  EXPECT_THAT(grace.Drain(), ElementsAre("1-2"));
}

// Each of the two is far below its own bound.
TEST(Subscriptions, OnePastTheTotalWhoeverIsToldMoreIsCaughtUp) {
  Subscriptions subscriptions(2 * EventSizeBytes(Changed(2)), kRoom);
  Reader ada(&subscriptions, kAda);
  Reader grace(&subscriptions, kGrace);
  subscriptions.Publish(kAda, Changed(2));
  subscriptions.Publish(kGrace, Changed(2, 101));
  EXPECT_THAT(grace.Drain(), ElementsAre("caught up 1-2"));
  EXPECT_THAT(ada.Drain(), ElementsAre("1-2")) << "what waits for another stays";
}

TEST(Subscriptions, WhatIsToldMakesRoomForAllOthers) {
  const size_t one = EventSizeBytes(Changed(2));
  Subscriptions subscriptions(one, kRoom);
  Reader ada(&subscriptions, kAda);
  Reader grace(&subscriptions, kGrace);
  for (uint64_t to = 2; to < 5; ++to) {
    subscriptions.Publish(kAda, Changed(to));
    EXPECT_THAT(ada.Drain(), ElementsAre(std::to_string(to - 1) + "-" + std::to_string(to)));
    subscriptions.Publish(kGrace, Changed(to));
    EXPECT_THAT(grace.Drain(), ElementsAre(std::to_string(to - 1) + "-" + std::to_string(to)));
  }
}

TEST(Subscriptions, RemoveGivesItsRoomBackOnce) {
  const size_t one = EventSizeBytes(Changed(2));
  Subscriptions subscriptions(2 * one, kRoom);
  Reader ada(&subscriptions, kAda);
  Reader grace(&subscriptions, kGrace);
  subscriptions.Publish(kAda, Changed(2));
  subscriptions.Publish(kAda, Changed(3));
  ada.Remove();
  ada.Remove();
  subscriptions.Publish(kGrace, Changed(2));
  subscriptions.Publish(kGrace, Changed(3));
  EXPECT_THAT(ada.Drain(), IsEmpty()) << "no call begins after Remove";
  EXPECT_THAT(grace.Drain(), ElementsAre("1-2", "2-3"));
  subscriptions.Publish(kGrace, Changed(4));
  subscriptions.Publish(kGrace, Changed(5));
  subscriptions.Publish(kGrace, Changed(6));
  EXPECT_THAT(grace.Drain(), ElementsAre("caught up 3-6")) << "it was given back twice";
}

TEST(Subscriptions, RemoveAllGivesAllRoomBackAndARemoveAfterItNothing) {
  Subscriptions subscriptions(EventSizeBytes(Changed(2)), kRoom);
  Reader ada(&subscriptions, kAda);
  subscriptions.Publish(kAda, Changed(2));
  subscriptions.RemoveAll();
  ada.Remove();
  EXPECT_THAT(ada.Drain(), IsEmpty());
  Reader grace(&subscriptions, kGrace);
  subscriptions.Publish(kGrace, Changed(2));
  EXPECT_THAT(grace.Drain(), ElementsAre("1-2"));
  subscriptions.Publish(kGrace, Changed(3, 101));
  EXPECT_THAT(grace.Drain(), ElementsAre("caught up 2-3"));
}

// An event wakes a subscriber once, however many more come before it is told.
TEST(Subscriptions, OnlyWhoIsIdleNeedsATellOfItsOwn) {
  Subscriptions subscriptions(kRoom, kRoom);
  Reader ada(&subscriptions, kAda);
  Reader also_ada(&subscriptions, kAda);
  EXPECT_EQ(subscriptions.Publish(kAda, Changed(2)).size(), 2u);
  EXPECT_TRUE(subscriptions.Publish(kAda, Changed(3)).empty());
  EXPECT_TRUE(subscriptions.Publish({kAda.number, 2}, Changed(4)).empty()) << "an earlier copy";
  EXPECT_THAT(ada.Drain(), ElementsAre("1-2", "2-3"));
  EXPECT_EQ(subscriptions.Publish(kAda, Changed(4)).size(), 1u);
}

}  // namespace
}  // namespace sessionhub::client
