#include "hub/gateway/next_read.h"

#include <gtest/gtest.h>

#include <variant>

namespace sessionhub::hub {
namespace {

constexpr int kMany = 100;

Admitted OneCommit() {
  Admitted admitted;
  admitted.inputs.emplace_back(CommitInput{});
  admitted.deltas = 1;
  return admitted;
}

Admitted Commits(uint64_t deltas) {
  Admitted admitted;
  for (uint64_t i = 0; i < deltas; ++i) admitted.inputs.emplace_back(CommitInput{});
  admitted.deltas = deltas;
  return admitted;
}

// How many of so many frames, each with one commit and none before an answer, are waited behind.
int WaitsOf(NextRead* next, int frames) {
  int waits = 0;
  for (int i = 0; i < frames; ++i) {
    next->FrameRead(OneCommit(), 0);
    waits += next->waits() ? 1 : 0;
    next->Written();
    EXPECT_FALSE(next->waits());
  }
  return waits;
}

TEST(NextRead, WaitsOnceANodeHasSentSeveralCommitsEachAlone) {
  NextRead next;
  EXPECT_FALSE(next.waits());
  EXPECT_EQ(WaitsOf(&next, 8), 0);
  EXPECT_EQ(WaitsOf(&next, 7), 7);
}

TEST(NextRead, LooksNowAndThenWhetherTheNodeSendsOn) {
  NextRead next;
  WaitsOf(&next, 16);
  EXPECT_EQ(WaitsOf(&next, 10 * 16), 10 * 15);
}

TEST(NextRead, ReadsAtOnceFromANodeThatSendsOnBeforeAnAnswer) {
  NextRead next;
  WaitsOf(&next, kMany);
  next.FrameRead(OneCommit(), 1);
  EXPECT_FALSE(next.waits());
  EXPECT_EQ(WaitsOf(&next, 8), 0);
}

TEST(NextRead, SoItDoesWhereWhatIsSentOnIsNoCommit) {
  NextRead next;
  WaitsOf(&next, kMany);
  Admitted open;
  open.inputs.emplace_back(OpenInput{});
  next.FrameRead(open, 1);
  EXPECT_FALSE(next.waits());
  EXPECT_EQ(WaitsOf(&next, 8), 0);
}

TEST(NextRead, ReadsAtOnceFromANodeWhoseFramesHoldSeveral) {
  NextRead next;
  WaitsOf(&next, kMany);
  next.FrameRead(Commits(2), 0);
  EXPECT_FALSE(next.waits());
  EXPECT_EQ(WaitsOf(&next, 8), 0);
}

TEST(NextRead, AFrameWithoutACommitIsNotWaitedBehindAndChangesNothing) {
  NextRead next;
  WaitsOf(&next, 16);
  Admitted open;
  open.inputs.emplace_back(OpenInput{});
  next.FrameRead(open, 0);
  EXPECT_FALSE(next.waits());
  next.FrameRead(Admitted{}, 3);  // a heartbeat, while others' answers are due
  EXPECT_FALSE(next.waits());
  EXPECT_EQ(WaitsOf(&next, 15), 15);
}

TEST(NextRead, WhatItsTurnMayNotAnswerIsNotWaitedBehind) {
  NextRead next;
  WaitsOf(&next, 16);
  Admitted received = OneCommit();
  std::get<CommitInput>(received.inputs.front()).received = true;
  Admitted delivered = OneCommit();
  std::get<CommitInput>(delivered.inputs.front()).delivered = true;
  Admitted with_open = OneCommit();
  with_open.inputs.emplace_back(OpenInput{});
  for (const Admitted* admitted : {&received, &delivered, &with_open}) {
    next.FrameRead(*admitted, 0);
    EXPECT_FALSE(next.waits());
  }
}

}  // namespace
}  // namespace sessionhub::hub
