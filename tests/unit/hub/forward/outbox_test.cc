#include "hub/forward/outbox.h"

#include <gtest/gtest.h>

#include <string>

namespace sessionhub::hub {
namespace {

OutboxItem Forward(size_t bytes, Version to = 2) {
  auto body = std::make_shared<Body>();
  body->bytes.assign(bytes, 'x');
  return ForwardItem{1, to - 1, to, body};
}
OutboxItem Answer(uint64_t seq) {
  AnswerItem item;
  item.seq = seq;
  return item;
}
std::vector<OutboxItem> One(OutboxItem item) {
  std::vector<OutboxItem> items;
  items.push_back(std::move(item));
  return items;
}

class OutboxTest : public ::testing::Test {
 protected:
  const size_t item_bytes_ = ItemSizeBytes(Forward(100));
  int rooms_ = 0;
  int wakes_ = 0;
  // Room for exactly three forwards of 100 bytes.
  Outbox outbox_{3 * item_bytes_, [this] { ++rooms_; }};
};

TEST_F(OutboxTest, ForwardsAreTakenUpToTheBoundAndNotPastIt) {
  for (int n = 0; n < 3; ++n) EXPECT_TRUE(outbox_.TryPush(One(Forward(100))));
  EXPECT_TRUE(outbox_.full());
  EXPECT_FALSE(outbox_.TryPush(One(Forward(0))));
  EXPECT_EQ(outbox_.bytes(), 3 * item_bytes_);
}

TEST_F(OutboxTest, AnswersAreNeverRefused) {
  for (uint64_t seq = 1; seq <= 100; ++seq) outbox_.Push(Answer(seq));
  EXPECT_EQ(outbox_.Take(1 << 20).size(), 100u);
  EXPECT_EQ(outbox_.bytes(), 0u);
}

TEST_F(OutboxTest, AllItemsOfAPushAreTakenOrNone) {
  outbox_.Push(Answer(1));
  std::vector<OutboxItem> items;
  for (int n = 0; n < 3; ++n) items.push_back(Forward(100));
  EXPECT_FALSE(outbox_.TryPush(std::move(items)));
  EXPECT_EQ(outbox_.Take(1 << 20).size(), 1u);
}

TEST_F(OutboxTest, WhatNeverFitsIsTakenByAnEmptyOutbox) {
  EXPECT_TRUE(outbox_.TryPush(One(Forward(10 * item_bytes_))));
  EXPECT_FALSE(outbox_.TryPush(One(Forward(0))));
}

TEST_F(OutboxTest, TellsOnceThatThereIsRoomAfterARefusal) {
  for (int n = 0; n < 3; ++n) outbox_.TryPush(One(Forward(100)));
  outbox_.Take(1);
  EXPECT_EQ(rooms_, 0) << "nothing was refused";
  outbox_.TryPush(One(Forward(100)));
  EXPECT_FALSE(outbox_.TryPush(One(Forward(100))));
  EXPECT_FALSE(outbox_.TryPush(One(Forward(100))));
  outbox_.Take(1);
  EXPECT_EQ(rooms_, 0) << "two thirds are still full";
  outbox_.Take(1);
  EXPECT_EQ(rooms_, 1);
  outbox_.Take(1);
  EXPECT_EQ(rooms_, 1);
}

TEST_F(OutboxTest, KeepsOneOrderAndTakesAboutWhatIsAsked) {
  outbox_.Push(Answer(1));
  outbox_.TryPush(One(Forward(100)));
  outbox_.Push(Answer(2));
  const std::vector<OutboxItem> first = outbox_.Take(1);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(std::get<AnswerItem>(first[0]).seq, 1u);
  const std::vector<OutboxItem> rest = outbox_.Take(1 << 20);
  ASSERT_EQ(rest.size(), 2u);
  EXPECT_TRUE(std::holds_alternative<ForwardItem>(rest[0]));
  EXPECT_EQ(std::get<AnswerItem>(rest[1]).seq, 2u);
}

TEST_F(OutboxTest, WakesOnlyForSomethingToTake) {
  outbox_.SetWaker([this] { ++wakes_; });
  outbox_.Wake();
  EXPECT_EQ(wakes_, 0);
  outbox_.Push(Answer(1));
  EXPECT_EQ(wakes_, 0);
  outbox_.Wake();
  EXPECT_EQ(wakes_, 1);
}

TEST_F(OutboxTest, AClosedOutboxDropsAndRefusesEverything) {
  outbox_.SetWaker([this] { ++wakes_; });
  outbox_.Push(Answer(1));
  outbox_.Close();
  outbox_.Push(Answer(2));
  EXPECT_FALSE(outbox_.TryPush(One(Forward(1))));
  outbox_.Wake();
  EXPECT_EQ(wakes_, 0);
  EXPECT_TRUE(outbox_.Take(1 << 20).empty());
  EXPECT_EQ(rooms_, 0);
}

}  // namespace
}  // namespace sessionhub::hub
