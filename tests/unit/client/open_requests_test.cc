#include "client/cpp/src/open_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sessionhub::client {
namespace {

using ::testing::ElementsAre;

TEST(OpenRequests, SharesTheSameQuestionButNoExclusiveCreation) {
  OpenRequests requests;
  OpenRequest* never = requests.Add("a", Create::kNever, 0);
  requests.Add("b", Create::kExclusive, 0);
  EXPECT_EQ(requests.FindShareable("a", Create::kNever, false), never);
  EXPECT_EQ(requests.FindShareable("a", Create::kIfMissing, false), nullptr);
  EXPECT_EQ(requests.FindShareable("b", Create::kExclusive, false), nullptr);
  never->sent = true;
  EXPECT_EQ(requests.FindShareable("a", Create::kNever, true), nullptr);
}

TEST(OpenRequests, AfterACutAllAreUnsentInOrderWithTheirNumbers) {
  OpenRequests requests;
  requests.Add("a", Create::kIfMissing, 0)->sent = true;
  OpenRequest* exclusive = requests.Add("b", Create::kExclusive, 0);
  exclusive->sent = exclusive->sent_ever = true;
  exclusive->waiters = {5};
  OpenRequest* unwanted = requests.Add("c", Create::kExclusive, 0);
  unwanted->sent = unwanted->sent_ever = true;
  EXPECT_EQ(requests.NextUnsent(), nullptr);
  requests.Cut();
  EXPECT_EQ(requests.NextUnsent()->id, "a");
  requests.NextUnsent()->sent = true;
  EXPECT_EQ(requests.NextUnsent()->request, 2u);
  EXPECT_FALSE(requests.Concerns("c")) << "it would be created for nobody";
}

TEST(OpenRequests, WithTheIncarnationEndExclusiveCreationsThatWereSent) {
  OpenRequests requests;
  OpenRequest* exclusive = requests.Add("a", Create::kExclusive, 0);
  exclusive->sent_ever = true;
  exclusive->waiters = {5};
  requests.Add("b", Create::kExclusive, 0)->waiters = {6};
  OpenRequest* missing = requests.Add("c", Create::kIfMissing, 0);
  missing->sent_ever = true;
  missing->waiters = {7};
  EXPECT_THAT(requests.TakeExclusiveSent(), ElementsAre(5));
  EXPECT_FALSE(requests.Concerns("a"));
  EXPECT_TRUE(requests.Concerns("b"));
  EXPECT_TRUE(requests.Concerns("c"));
}

TEST(OpenRequests, ForgetsWhatNobodyWaitsForUnlessItIsSentOrForACopy) {
  OpenRequests requests;
  requests.Add("unsent", Create::kNever, 0)->waiters = {1};
  requests.Add("copy", Create::kNever, 7)->waiters = {2};
  OpenRequest* sent = requests.Add("sent", Create::kNever, 0);
  sent->waiters = {3};
  sent->sent = true;
  for (Token token = 1; token <= 3; ++token) requests.Forget(token);
  EXPECT_FALSE(requests.Concerns("unsent"));
  EXPECT_TRUE(requests.Concerns("copy"));
  EXPECT_TRUE(requests.Concerns("sent"));
  EXPECT_TRUE(requests.Clear().empty());
  EXPECT_EQ(requests.size(), 0u);
}

}  // namespace
}  // namespace sessionhub::client
