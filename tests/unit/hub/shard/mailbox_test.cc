#include "hub/shard/mailbox.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

#include "tests/support/paths.h"

namespace sessionhub::hub {
namespace {

Input SmallCommit(uint64_t seq) {
  CommitInput input;
  input.seq = seq;
  input.delta.operations.push_back({Operation::Kind::kPut, testing::P("a"), "twelve bytes"});
  return input;
}
uint64_t SeqOf(const Input& input) {
  return std::get<CommitInput>(input).seq;
}

class MailboxTest : public ::testing::Test {
 protected:
  bool TryPush(uint64_t seq) {
    Input input = SmallCommit(seq);
    return mailbox_.TryPush(&input, [this] { ++rooms_; });
  }
  std::vector<uint64_t> Drain(size_t count_max) {
    std::vector<Input> inputs;
    open_ = mailbox_.Drain(count_max, absl::ZeroDuration(), &inputs);
    std::vector<uint64_t> seqs;
    for (const Input& input : inputs) seqs.push_back(SeqOf(input));
    return seqs;
  }

  int rooms_ = 0;
  bool open_ = true;
  Mailbox mailbox_{4 * InputSizeBytes(SmallCommit(1))};
};

TEST_F(MailboxTest, TakesUpToItsBoundAndNotPastIt) {
  for (uint64_t seq = 1; seq <= 4; ++seq) EXPECT_TRUE(TryPush(seq));
  EXPECT_FALSE(TryPush(5));
  EXPECT_EQ(Drain(100), (std::vector<uint64_t>{1, 2, 3, 4}));
}

TEST_F(MailboxTest, ARefusedInputStaysTheSenders) {
  for (uint64_t seq = 1; seq <= 4; ++seq) TryPush(seq);
  Input input = SmallCommit(5);
  EXPECT_FALSE(mailbox_.TryPush(&input, [] {}));
  EXPECT_EQ(SeqOf(input), 5u);
  EXPECT_EQ(std::get<CommitInput>(input).delta.operations.size(), 1u);
}

TEST_F(MailboxTest, TellsEachWaitingSenderOnceWhenHalfIsFree) {
  for (uint64_t seq = 1; seq <= 4; ++seq) TryPush(seq);
  TryPush(5);
  TryPush(6);
  Drain(1);
  EXPECT_EQ(rooms_, 0);
  Drain(1);
  EXPECT_EQ(rooms_, 2);
  Drain(2);
  EXPECT_EQ(rooms_, 2);
}

TEST_F(MailboxTest, WhatIsBiggerThanTheBoundIsTakenByAnEmptyMailbox) {
  Mailbox small(1);
  Input input = SmallCommit(1);
  EXPECT_TRUE(small.TryPush(&input, [] {}));
  input = SmallCommit(2);
  EXPECT_FALSE(small.TryPush(&input, [] {}));
}

TEST_F(MailboxTest, ManySmallOperationsCountWithWhatTheyTakeInMemory) {
  constexpr size_t kOperations = 1000;
  CommitInput commit;
  for (size_t i = 0; i < kOperations; ++i) {
    commit.delta.operations.push_back({Operation::Kind::kIncrement, testing::P("a"), Value(1)});
  }
  Mailbox mailbox(2 * kOperations * sizeof(Operation));
  Input first = commit, second = commit;
  EXPECT_TRUE(mailbox.TryPush(&first, [] {}));
  EXPECT_FALSE(mailbox.TryPush(&second, [] {}));
}

TEST_F(MailboxTest, TextsOfOtherInputsCount) {
  const std::string id(200, 'i');
  OpenInput open;
  const size_t empty = InputSizeBytes(open);
  open.name.id = id;
  open.settings.owner = id;
  EXPECT_EQ(InputSizeBytes(open), empty + 2 * id.size());
  LookUpInput look;
  look.then = std::make_shared<const NameRequest>(open);
  EXPECT_EQ(InputSizeBytes(look), empty + sizeof(NameRequest) + 2 * id.size());
}

TEST_F(MailboxTest, PushTakesInAnyCase) {
  for (uint64_t seq = 1; seq <= 9; ++seq) mailbox_.Push(SmallCommit(seq));
  EXPECT_EQ(Drain(100).size(), 9u);
}

TEST_F(MailboxTest, OneTickWaitsHoweverLongNobodyDrains) {
  const auto drain = [this] {
    std::vector<Input> inputs;
    mailbox_.Drain(100, absl::ZeroDuration(), &inputs);
    return inputs.size();
  };
  for (int i = 0; i < 9; ++i) mailbox_.Push(TickInput{});
  EXPECT_EQ(drain(), 1u);
  mailbox_.Push(TickInput{});
  EXPECT_EQ(drain(), 1u) << "time goes on";
}

TEST_F(MailboxTest, TellsHowFullItIsAndHowOftenItWas) {
  for (uint64_t seq = 1; seq <= 3; ++seq) TryPush(seq);
  EXPECT_EQ(mailbox_.fill().bytes, 3 * InputSizeBytes(SmallCommit(1)));
  EXPECT_EQ(mailbox_.fill().inputs, 3u);
  EXPECT_EQ(mailbox_.fill().refused, 0u);
  TryPush(4);
  TryPush(5);
  TryPush(6);
  EXPECT_TRUE(mailbox_.HasRoom([] {}));
  EXPECT_EQ(mailbox_.fill().refused, 2u);
  mailbox_.Push(SmallCommit(7));
  EXPECT_FALSE(mailbox_.HasRoom([] {}));
  EXPECT_EQ(mailbox_.fill().refused, 3u);
  Drain(100);
  EXPECT_EQ(mailbox_.fill().bytes, 0u);
  EXPECT_EQ(mailbox_.fill().refused, 3u);
}

TEST_F(MailboxTest, SaysWhenTheFirstOfADrainCame) {
  const uint64_t before_ns = NowNs();
  TryPush(1);
  TryPush(2);
  const uint64_t after_ns = NowNs();
  const auto drain_one = [this] {
    std::vector<Input> inputs;
    uint64_t since_ns = 0;
    mailbox_.Drain(1, absl::ZeroDuration(), &inputs, &since_ns);
    return since_ns;
  };
  for (int i = 0; i < 2; ++i) {
    const uint64_t since_ns = drain_one();
    EXPECT_GE(since_ns, before_ns);
    EXPECT_LE(since_ns, after_ns) << "not when it was taken";
  }
  EXPECT_EQ(drain_one(), 0u) << "there is none";
}

TEST_F(MailboxTest, AClosedMailboxIsEmptiedFirst) {
  TryPush(1);
  mailbox_.Close();
  EXPECT_EQ(Drain(100), std::vector<uint64_t>{1});
  EXPECT_TRUE(open_);
  EXPECT_TRUE(Drain(100).empty());
  EXPECT_FALSE(open_);
}

TEST_F(MailboxTest, APushWakesWhoDrains) {
  std::thread sender([this] { mailbox_.Push(SmallCommit(1)); });
  std::vector<Input> inputs;
  EXPECT_TRUE(mailbox_.Drain(1, absl::InfiniteDuration(), &inputs));
  EXPECT_EQ(inputs.size(), 1u);
  sender.join();
}

}  // namespace
}  // namespace sessionhub::hub
