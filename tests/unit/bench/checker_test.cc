// The checker must find what is wrong: each case doctors an honest run in one way.
#include "bench/demo/checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace sessionhub::bench {
namespace {

using Kind = CommitEvent::Kind;
using ::testing::Contains;
using ::testing::HasSubstr;

CommitEvent Event(Kind kind, uint64_t request, const std::string& code, uint64_t version) {
  CommitEvent event;
  event.kind = kind;
  event.request = request;
  event.session = "cart-1";
  event.code = code;
  event.version = version;
  // Each is submitted after the ack of the one before.
  event.time_us = static_cast<int64_t>(request) * 10 + (kind == Kind::kSubmitted ? 0 : 5);
  return event;
}

// web-1 adds A, web-2 adds B, web-1 adds A again; all acked.
struct HonestRun {
  std::vector<NodeLog> logs = {
      {"web-1",
       {Event(Kind::kSubmitted, 1, "A", 1), Event(Kind::kAcked, 1, "A", 2),
        Event(Kind::kSubmitted, 3, "A", 3), Event(Kind::kAcked, 3, "A", 4)}},
      {"web-2", {Event(Kind::kSubmitted, 2, "B", 2), Event(Kind::kAcked, 2, "B", 3)}},
      {"web-3", {}}};
  Carts carts = {{"cart-1", {4, {{"A", 2}, {"B", 1}}, 3, 3, "A", 0}}};

  CartState& cart() { return carts.at("cart-1"); }
  CommitFindings Check() const { return CheckCommits(logs, carts); }
};

TEST(CheckCommits, AnHonestRunIsClean) {
  const CommitFindings findings = HonestRun().Check();
  EXPECT_TRUE(findings.clean());
  EXPECT_TRUE(findings.details.empty());
  EXPECT_EQ(findings.submitted, 3u);
  EXPECT_EQ(findings.acked, 3u);
  EXPECT_EQ(findings.unanswered, 0u);
}

TEST(CheckCommits, AnAckedChangeThatIsNotThereIsLost) {
  HonestRun run;
  run.cart() = {3, {{"A", 1}, {"B", 1}}, 2, 2, "A", 0};
  const CommitFindings findings = run.Check();
  EXPECT_EQ(findings.lost, 1u);
  EXPECT_EQ(findings.applied_twice, 0u);
  EXPECT_THAT(findings.details, Contains(HasSubstr("cart-1: 1 acked changes lost")));
}

TEST(CheckCommits, ALossIsNotMadeGoodByADoubleElsewhere) {
  HonestRun run;
  run.cart().quantity = {{"A", 1}, {"B", 2}};
  const CommitFindings findings = run.Check();
  EXPECT_EQ(findings.lost, 1u);
  EXPECT_EQ(findings.applied_twice, 1u);
}

TEST(CheckCommits, AnAckedSessionThatIsNotThereIsLostWhole) {
  HonestRun run;
  run.carts.clear();
  EXPECT_EQ(run.Check().lost, 3u);
}

TEST(CheckCommits, AnAckedVersionThatTheSessionNeverReachedIsALoss) {
  HonestRun run;
  run.logs[0].events.back().version = 9;
  EXPECT_EQ(run.Check().lost, 1u);
}

TEST(CheckCommits, AChangeThatIsThereTwiceIsFound) {
  HonestRun run;
  run.cart() = {5, {{"A", 3}, {"B", 1}}, 4, 4, "A", 0};
  const CommitFindings findings = run.Check();
  EXPECT_EQ(findings.applied_twice, 1u);
  EXPECT_EQ(findings.lost, 0u);
}

TEST(CheckCommits, ACounterAloneThatIsTooHighIsFound) {
  HonestRun run;
  run.cart().count = 4;
  const CommitFindings findings = run.Check();
  EXPECT_EQ(findings.applied_twice, 1u);
  EXPECT_EQ(findings.inconsistent, 1u);
}

TEST(CheckCommits, AnItemThatNobodyAddedIsFound) {
  HonestRun run;
  run.cart().quantity["C"] = 1;
  EXPECT_EQ(run.Check().applied_twice, 1u);
}

TEST(CheckCommits, ARefusedChangeThatIsThereIsFound) {
  HonestRun run;
  run.logs[1].events[1] = Event(Kind::kRefused, 2, "B", 0);
  EXPECT_EQ(run.Check().applied_twice, 1u);
}

TEST(CheckCommits, ASessionThatNobodyMadeIsFound) {
  HonestRun run;
  run.carts["cart-2"] = {2, {{"A", 1}}, 1, 1, "A", 0};
  EXPECT_EQ(run.Check().applied_twice, 1u);
}

TEST(CheckCommits, AChangeWithoutAnswerMayBeThereOrNot) {
  HonestRun run;
  run.logs[0].events.pop_back();
  EXPECT_TRUE(run.Check().clean());
  EXPECT_EQ(run.Check().unanswered, 1u);
  run.cart() = {3, {{"A", 1}, {"B", 1}}, 2, 2, "B", 0};
  EXPECT_TRUE(run.Check().clean());
}

TEST(CheckCommits, AVersionThatDoesNotCountTheChangesIsFound) {
  HonestRun run;
  run.cart().version = 5;
  EXPECT_EQ(run.Check().inconsistent, 1u);
}

TEST(CheckCommits, AcksOutOfTheOrderOfRequestsAreFound) {
  HonestRun run;
  std::swap(run.logs[0].events[1].version, run.logs[0].events[3].version);
  EXPECT_EQ(run.Check().inconsistent, 1u);
}

TEST(CheckCommits, AcksOfRequestsThatOverlapMayBeInAnyOrder) {
  HonestRun run;
  std::swap(run.logs[0].events[1].version, run.logs[0].events[3].version);
  // The third is submitted before the others are acked.
  run.logs[0].events[2].time_us = 12;
  run.logs[1].events[0].time_us = 13;
  EXPECT_TRUE(run.Check().clean());
}

TEST(CheckCommits, TwoAcksOfOneVersionAreFound) {
  HonestRun run;
  run.logs[0].events[2].time_us = run.logs[1].events[0].time_us;
  run.logs[0].events[3].version = run.logs[1].events[1].version;
  EXPECT_EQ(run.Check().inconsistent, 1u);
}

TEST(CheckCommits, AForeignFieldIsFound) {
  HonestRun run;
  run.cart().other_fields = 1;
  EXPECT_EQ(run.Check().inconsistent, 1u);
}

TEST(CheckCommits, AMovedUserWhoDoesNotSeeWhatWasAckedHasLostIt) {
  HonestRun run;
  run.logs[1].events[0].at_least = 2;
  EXPECT_TRUE(run.Check().clean());
  run.logs[1].events[0].version = 1;
  EXPECT_EQ(run.Check().lost, 1u);
}

TEST(CheckForwards, ChangesOfOthersInOpenedSessionsAreAllowed) {
  const ForwardFindings findings =
      CheckForwards(HonestRun().logs, {{"web-1", 1, 1}, {"web-2", 2, 2}, {"web-3", 0, 0}});
  EXPECT_EQ(findings.stray, 0u);
  EXPECT_EQ(findings.forwarded, 3u);
}

TEST(CheckForwards, AForwardToANodeThatOpenedNothingIsStray) {
  const ForwardFindings findings = CheckForwards(HonestRun().logs, {{"web-3", 1, 0}});
  EXPECT_EQ(findings.stray, 1u);
  EXPECT_THAT(findings.details, Contains(HasSubstr("web-3 got 1 forwards")));
}

TEST(CheckForwards, AForwardThatOnlyTheNodeCountedIsStrayToo) {
  EXPECT_EQ(CheckForwards(HonestRun().logs, {{"web-3", 0, 2}}).stray, 2u);
}

TEST(CheckForwards, MoreForwardsThanChangesAreStray) {
  EXPECT_EQ(CheckForwards(HonestRun().logs, {{"web-1", 2, 2}}).stray, 1u);
}

TEST(CheckForwards, ANodeWithoutALogMayGetNothing) {
  EXPECT_EQ(CheckForwards(HonestRun().logs, {{"web-9", 1, 1}}).stray, 1u);
}

TEST(CountDifferentCopies, SeesValuesVersionsAndMissingSessions) {
  HonestRun run;
  Carts copies = run.carts;
  EXPECT_EQ(CountDifferentCopies(copies, run.carts), 0u);
  copies["cart-1"].quantity["A"] = 1;
  EXPECT_EQ(CountDifferentCopies(copies, run.carts), 1u);
  copies = run.carts;
  copies["cart-1"].version = 3;
  copies["cart-2"] = CartState();
  EXPECT_EQ(CountDifferentCopies(copies, run.carts), 2u);
}

class ReadCartsTest : public ::testing::Test {
 protected:
  ReadCartsTest() : path_(::testing::TempDir() + "carts." + std::to_string(getpid())) {}
  ~ReadCartsTest() override { std::filesystem::remove(path_); }

  std::optional<Carts> Read(const std::string& text) {
    std::ofstream(path_) << text;
    return ReadCarts(path_);
  }

  const std::string path_;
};

TEST_F(ReadCartsTest, ReadsWhatARequestWrites) {
  const std::optional<Carts> carts =
      Read(R"({"id":"c","version":2,"fields":{"cart/items/a~1b/qty":1,"cart/count":1,)"
           R"("cart/last":"a/b","visit/requests":1,"stray":true}})"
           "\n");
  ASSERT_TRUE(carts.has_value());
  EXPECT_EQ(carts->at("c"), (CartState{2, {{"a/b", 1}}, 1, 1, "a/b", 1}));
}

TEST_F(ReadCartsTest, WhatIsNoSessionIsAnError) {
  EXPECT_FALSE(Read("{\"id\":\"c\"}\n").has_value());
  EXPECT_FALSE(Read("{\"id\":\"c\",\"version\":2,\"fields\":{\n").has_value());
  EXPECT_FALSE(ReadCarts(path_ + ".none").has_value());
}

}  // namespace
}  // namespace sessionhub::bench
