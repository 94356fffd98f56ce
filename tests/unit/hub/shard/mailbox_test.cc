#include "hub/shard/mailbox.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

#include "tests/support/paths.h"

namespace sessionhub::hub {
namespace {

Input Commit(uint64_t seq) {
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
    Input input = Commit(seq);
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
  Mailbox mailbox_{4 * InputSizeBytes(Commit(1))};
};

TEST_F(MailboxTest, TakesUpToItsBoundAndNotPastIt) {
  for (uint64_t seq = 1; seq <= 4; ++seq) EXPECT_TRUE(TryPush(seq));
  EXPECT_FALSE(TryPush(5));
  EXPECT_EQ(Drain(100), (std::vector<uint64_t>{1, 2, 3, 4}));
}

TEST_F(MailboxTest, ARefusedInputStaysTheSenders) {
  for (uint64_t seq = 1; seq <= 4; ++seq) TryPush(seq);
  Input input = Commit(5);
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
  Input input = Commit(1);
  EXPECT_TRUE(small.TryPush(&input, [] {}));
  input = Commit(2);
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
  for (uint64_t seq = 1; seq <= 9; ++seq) mailbox_.Push(Commit(seq));
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

TEST_F(MailboxTest, AClosedMailboxIsEmptiedFirst) {
  TryPush(1);
  mailbox_.Close();
  EXPECT_EQ(Drain(100), std::vector<uint64_t>{1});
  EXPECT_TRUE(open_);
  EXPECT_TRUE(Drain(100).empty());
  EXPECT_FALSE(open_);
}

TEST_F(MailboxTest, APushWakesWhoDrains) {
  std::thread sender([this] { mailbox_.Push(Commit(1)); });
  std::vector<Input> inputs;
  EXPECT_TRUE(mailbox_.Drain(1, absl::InfiniteDuration(), &inputs));
  EXPECT_EQ(inputs.size(), 1u);
  sender.join();
}

}  // namespace
}  // namespace sessionhub::hub
