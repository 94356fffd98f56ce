#include "bench/overload/goal_row.h"

#include <gtest/gtest.h>

namespace sessionhub::bench {
namespace {

using nlohmann::ordered_json;

GoalRow OfBytes() {
  return {.name = "bytes",
          .goal = "<= 1.10 x",
          .figure = "1.73 x",
          .reached = false,
          .source = GoalSource::kDesign,
          .survives = Survival::kAcked,
          .beside_survives = Survival::kNothing};
}

TEST(DescribeGoal, HasWhoseGoalItIsAndWhatSurvives) {
  EXPECT_EQ(DescribeGoal("one", OfBytes()).dump(),
            R"({"measure":"one","name":"bytes","goal":"<= 1.10 x","source":"design",)"
            R"("figure":"1.73 x","outcome":"short","survives":"acked changes",)"
            R"("beside_survives":"nothing","comparison":"unlike"})");
}

TEST(DescribeGoal, OfAGoalOfOurOwnThatIsReached) {
  GoalRow row = OfBytes();
  row.reached = true;
  row.source = GoalSource::kOwn;
  row.beside_survives = Survival::kAcked;
  const ordered_json described = DescribeGoal("one", row);
  EXPECT_EQ(described["source"], "own");
  EXPECT_EQ(described["outcome"], "pass");
  EXPECT_EQ(described["comparison"], "alike");
}

TEST(DescribeGoal, LeavesOutWhatThereIsNot) {
  EXPECT_EQ(DescribeGoal("near_cache", {.name = "ns", .goal = "", .figure = "73.0"}).dump(),
            R"({"measure":"near_cache","name":"ns","figure":"73.0","outcome":"known"})");
}

TEST(GoalLine, SaysAllOfIt) {
  EXPECT_EQ(GoalLine(DescribeGoal("one", OfBytes())),
            "short: bytes: goal <= 1.10 x (design), figure 1.73 x; survives a power cut: acked "
            "changes; beside it: nothing (unlike)");
  EXPECT_EQ(GoalLine(DescribeGoal("near_cache", {.name = "ns", .goal = "", .figure = "73.0"})),
            "known: ns: 73.0");
}

TEST(GoalTable, HasALineForEach) {
  GoalRow alike = OfBytes();
  alike.beside_survives = std::nullopt;
  alike.reached = true;
  const ordered_json described = {
      DescribeGoal("one", OfBytes()), DescribeGoal("one", alike),
      DescribeGoal("near_cache", {.name = "ns", .goal = "", .figure = "73.0"})};
  EXPECT_EQ(GoalTable(described),
            "| what | goal | whose | figure | | survives a power cut |\n"
            "|---|---|---|---|---|---|\n"
            "| bytes | <= 1.10 x | design | 1.73 x | short | acked changes; beside it: nothing "
            "(unlike) |\n"
            "| bytes | <= 1.10 x | design | 1.73 x | pass | acked changes |\n"
            "| ns | none | - | 73.0 | known | - |\n");
}

}  // namespace
}  // namespace sessionhub::bench
