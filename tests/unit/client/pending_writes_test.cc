#include "client/cpp/src/pending_writes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace sessionhub::client {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using testing::StatusIs;

// 2 bytes of path and `bytes` of value.
Delta PutOf(size_t bytes) {
  Delta delta;
  delta.operations.push_back(
      {Operation::Kind::kPut, *Path::FromText("x"), Value(std::string(bytes, 'v'))});
  return delta;
}

TEST(PendingWrites, BoundsItsBytes) {
  PendingWrites writes(500);
  EXPECT_OK(writes.CheckRoom(500));
  EXPECT_THAT(writes.CheckRoom(501),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("pending_bytes_max = 500")));
  PendingWrite* write = writes.Add(1, 7, PutOf(10));
  EXPECT_EQ(writes.bytes(), 12u + 128 + 256);
  EXPECT_OK(writes.CheckRoom(104));
  EXPECT_FALSE(writes.CheckRoom(105).ok());
  writes.Remove(write);
  EXPECT_EQ(writes.bytes(), 0u);
}

// It has no path and no value, and still takes memory.
TEST(PendingWrites, ADeletionCountsToo) {
  Delta deletion;
  deletion.deletes_session = true;
  EXPECT_EQ(WriteBytes(deletion, {}), 256u);
}

TEST(PendingWrites, SendsInOrderWithinTheWindowAndAgainAfterABreak) {
  PendingWrites writes(1'000);
  for (Token token = 1; token <= 3; ++token) writes.Add(token, 7, PutOf(1));
  writes.MarkSent(writes.NextToSend(2));
  writes.MarkSent(writes.NextToSend(2));
  EXPECT_EQ(writes.NextToSend(2), nullptr);
  writes.Remove(writes.Find(1));
  EXPECT_EQ(writes.NextToSend(2)->seq, 3u);
  writes.Rewind();
  EXPECT_EQ(writes.NextToSend(2)->seq, 2u);
  EXPECT_TRUE(writes.Find(2)->sent_ever);
  EXPECT_FALSE(writes.Find(2)->sent);
}

TEST(PendingWrites, AnAnsweredWriteIsNotSentAgain) {
  PendingWrites writes(1'000);
  for (Token token = 1; token <= 2; ++token) {
    writes.MarkSent(writes.Add(token, 7, PutOf(1)));
  }
  writes.MarkAnswered(writes.Find(1));
  writes.Rewind();
  EXPECT_EQ(writes.NextToSend(10)->seq, 2u);
  EXPECT_EQ(writes.unanswered(), 1u);
}

TEST(PendingWrites, AnswersAreSeenThroughTheFirstThatIsMissing) {
  PendingWrites writes(1'000);
  for (Token token = 1; token <= 4; ++token) writes.Add(token, token % 2, PutOf(1));
  writes.Remove(writes.Find(2));
  EXPECT_EQ(writes.answered_through(), 0u);
  writes.MarkAnswered(writes.Find(1));
  EXPECT_EQ(writes.answered_through(), 2u);
  writes.Remove(writes.Find(4));
  EXPECT_EQ(writes.answered_through(), 2u);
  writes.Remove(writes.Find(3));
  EXPECT_EQ(writes.answered_through(), 4u);
}

TEST(PendingWrites, KeepsTheWritesOfASessionInOrder) {
  PendingWrites writes(1'000);
  PendingWrite* a = writes.Add(1, 7, PutOf(1));
  writes.Add(2, 8, PutOf(1));
  PendingWrite* c = writes.Add(3, 7, PutOf(1));
  EXPECT_THAT(writes.Of(7), ElementsAre(a, c));
  writes.Remove(a);
  EXPECT_THAT(writes.Of(7), ElementsAre(c));
  EXPECT_TRUE(writes.Of(9).empty());
}

TEST(PendingWrites, RestartNumbersFromOneAndClearGoesOn) {
  PendingWrites writes(1'000);
  writes.Add(5, 7, PutOf(1));
  writes.MarkAnswered(writes.Add(6, 7, PutOf(1)));
  // An answered write has had its end.
  EXPECT_THAT(writes.Clear(), ElementsAre(Field(&PendingWrite::token, 5u)));
  EXPECT_EQ(writes.answered_through(), 2u);
  EXPECT_EQ(writes.Add(7, 7, PutOf(1))->seq, 3u);
  EXPECT_THAT(writes.Restart(), ElementsAre(Field(&PendingWrite::token, 7u)));
  EXPECT_EQ(writes.bytes(), 0u);
  EXPECT_EQ(writes.Add(8, 7, PutOf(1))->seq, 1u);
}

}  // namespace
}  // namespace sessionhub::client
