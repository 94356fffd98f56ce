#include "hub/forward/outbox.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
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
  Outbox outbox_{{3 * item_bytes_, 3 * item_bytes_}, [this] { ++rooms_; }};
};

TEST_F(OutboxTest, ForwardsAreTakenUpToTheBoundAndNotPastIt) {
  for (int n = 0; n < 3; ++n) EXPECT_TRUE(outbox_.TryPush(One(Forward(100))));
  EXPECT_TRUE(outbox_.full());
  EXPECT_FALSE(outbox_.TryPush(One(Forward(0))));
  EXPECT_EQ(outbox_.bytes(), 3 * item_bytes_);
}

TEST_F(OutboxTest, EachTakeRecordsHowLongItsFirstItemHasWaited) {
  WalkTimes times;
  Outbox outbox({1 << 20, 1 << 20, &times}, [] {});
  const auto recorded = [&times] {
    const auto figures = times.figures(WalkStep::kOutbox);
    return std::accumulate(figures.counts.begin(), figures.counts.end(), uint64_t{0});
  };
  outbox.Take(1 << 20);
  EXPECT_EQ(recorded(), 0u) << "there was nothing";
  const uint64_t begun_ns = NowNs();
  for (uint64_t seq = 1; seq <= 40; ++seq) outbox.Push(Answer(seq));
  EXPECT_EQ(outbox.Take(1).size(), 1u);
  EXPECT_EQ(outbox.Take(1 << 20).size(), 39u);
  EXPECT_EQ(recorded(), 2u);
  EXPECT_LE(times.figures(WalkStep::kOutbox).sum_ns, 2 * (NowNs() - begun_ns));
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

// ---- the lower lane ----

class LowerLaneTest : public OutboxTest {
 protected:
  LowerLaneTest() { Begin(1); }
  void Begin(uint64_t read) {
    outbox_.BeginRead(read, [this, read] { room_for_.push_back(read); });
  }
  Outbox::Lower Push(uint64_t read, size_t bytes = 100, Version to = 2) {
    OutboxItem chunk = Forward(bytes, to);
    return outbox_.TryPushChunk(read, &chunk);
  }
  std::vector<Version> TakeForwards(size_t bytes_max) {
    std::vector<Version> versions;
    for (const OutboxItem& item : outbox_.Take(bytes_max)) {
      versions.push_back(std::get<ForwardItem>(item).to);
    }
    return versions;
  }
  std::vector<uint64_t> room_for_;
};

TEST_F(LowerLaneTest, LeavesWhenTheFirstLaneIsEmpty) {
  EXPECT_EQ(Push(1, 100, 7), Outbox::Lower::kDone);
  outbox_.TryPush(One(Forward(100, 8)));
  outbox_.TryPush(One(Forward(100, 9)));
  EXPECT_EQ(TakeForwards(1), std::vector<Version>{8});
  EXPECT_EQ(TakeForwards(1 << 20), (std::vector<Version>{9, 7}));
  EXPECT_TRUE(TakeForwards(1 << 20).empty());
}

TEST_F(LowerLaneTest, NoChunkWaitsForEver) {
  Push(1, 100, 7);
  std::vector<Version> taken;
  for (int frame = 0; frame < 16; ++frame) {
    outbox_.TryPush(One(Forward(100, 8)));
    for (Version to : TakeForwards(1)) taken.push_back(to);
  }
  EXPECT_EQ(std::count(taken.begin(), taken.end(), 7u), 1);
  EXPECT_EQ(taken.back(), 7u);
}

TEST_F(LowerLaneTest, HasABoundOfItsOwn) {
  for (int n = 0; n < 3; ++n) EXPECT_EQ(Push(1), Outbox::Lower::kDone);
  EXPECT_EQ(outbox_.chunk_bytes(), 3 * item_bytes_);
  OutboxItem chunk = Forward(0, 5);
  EXPECT_EQ(outbox_.TryPushChunk(1, &chunk), Outbox::Lower::kFull);
  EXPECT_EQ(std::get<ForwardItem>(chunk).to, 5u) << "a chunk that is not taken stays the caller's";
  EXPECT_FALSE(outbox_.full());
  EXPECT_EQ(outbox_.bytes(), 0u);
  EXPECT_TRUE(outbox_.TryPush(One(Forward(100))));
}

TEST_F(LowerLaneTest, AChunkThatNeverFitsIsTakenByAnEmptyLane) {
  EXPECT_EQ(Push(1, 10 * item_bytes_), Outbox::Lower::kDone);
  EXPECT_EQ(Push(1, 0), Outbox::Lower::kFull);
}

TEST_F(LowerLaneTest, TellsWhoWasRefusedOnce) {
  Begin(2);
  for (int n = 0; n < 3; ++n) Push(1);
  EXPECT_EQ(Push(1), Outbox::Lower::kFull);
  outbox_.Take(1);
  EXPECT_TRUE(room_for_.empty()) << "two thirds are still full";
  outbox_.Take(1);
  EXPECT_EQ(room_for_, std::vector<uint64_t>{1});
  outbox_.Take(1);
  EXPECT_EQ(room_for_, std::vector<uint64_t>{1});
}

TEST_F(LowerLaneTest, TellsWhenAllChunksOfAReadAreTaken) {
  Begin(2);
  EXPECT_EQ(outbox_.AwaitTaken(1), Outbox::Lower::kDone) << "there is none";
  Push(1);
  Push(2);
  EXPECT_EQ(outbox_.AwaitTaken(1), Outbox::Lower::kFull);
  outbox_.Take(1);
  EXPECT_EQ(room_for_, std::vector<uint64_t>{1});
  EXPECT_EQ(outbox_.AwaitTaken(1), Outbox::Lower::kDone);
}

TEST_F(LowerLaneTest, TheEndOfAReadDropsItsChunksOnly) {
  Begin(2);
  Push(1, 100, 7);
  Push(2, 100, 8);
  Push(1, 100, 9);
  EXPECT_EQ(Push(2), Outbox::Lower::kFull);
  outbox_.EndRead(1);
  EXPECT_EQ(room_for_, std::vector<uint64_t>{2});
  EXPECT_EQ(Push(1), Outbox::Lower::kGone);
  EXPECT_EQ(outbox_.AwaitTaken(1), Outbox::Lower::kGone);
  EXPECT_EQ(outbox_.chunk_bytes(), item_bytes_);
  EXPECT_EQ(TakeForwards(1 << 20), std::vector<Version>{8});
}

TEST_F(LowerLaneTest, TheEndOfTheStreamEndsAllReads) {
  Push(1);
  outbox_.Push(Answer(1));
  outbox_.EndReads();
  EXPECT_EQ(Push(1), Outbox::Lower::kGone);
  EXPECT_EQ(outbox_.Take(1 << 20).size(), 1u) << "answers still leave";
  EXPECT_EQ(outbox_.chunk_bytes(), 0u);
  Begin(2);
  EXPECT_EQ(Push(2), Outbox::Lower::kGone) << "none begins any more";
  EXPECT_EQ(room_for_, std::vector<uint64_t>{1}) << "whoever waits is told, and finds it gone";
}

TEST_F(LowerLaneTest, AClosedOutboxHasNoReads) {
  Push(1);
  outbox_.Close();
  EXPECT_EQ(Push(1), Outbox::Lower::kGone);
  EXPECT_EQ(outbox_.AwaitTaken(1), Outbox::Lower::kGone);
  EXPECT_EQ(outbox_.chunk_bytes(), 0u);
}

TEST_F(LowerLaneTest, WakesForChunksToo) {
  outbox_.SetWaker([this] { ++wakes_; });
  Push(1);
  outbox_.Wake();
  EXPECT_EQ(wakes_, 1);
}

}  // namespace
}  // namespace sessionhub::hub
