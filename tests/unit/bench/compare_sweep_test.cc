// Which cells are measured, and how results are written down.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "bench/compare/results.h"
#include "bench/compare/strategies.h"
#include "bench/compare/sweep.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::bench {
namespace {

size_t CountCells(const std::vector<ClusterPlan>& plans, auto condition) {
  size_t count = 0;
  for (const ClusterPlan& plan : plans) {
    count += static_cast<size_t>(std::ranges::count_if(plan.cells, condition));
  }
  return count;
}

TEST(CompareSweep, TheWholeSweepHasEachDimensionWithBothRoutings) {
  const auto plans = PlanSweep({});
  ASSERT_OK(plans);
  for (const size_t nodes : {2, 4, 8, 16}) {
    EXPECT_GE(CountCells(*plans, [&](const Cell& cell) { return cell.nodes == nodes; }), 2u);
  }
  for (const size_t nodes : {32, 64}) {  // with so many, the harder routing
    EXPECT_GE(CountCells(*plans,
                         [&](const Cell& cell) { return cell.nodes == nodes && cell.round_robin; }),
              1u);
  }
  for (const size_t bytes : {1'024, 4'096, 16'384, 65'536, 262'144}) {
    EXPECT_GE(CountCells(*plans, [&](const Cell& cell) { return cell.session_bytes == bytes; }),
              2u);
  }
  for (const size_t changed : {1, 3, 20}) {
    EXPECT_GE(CountCells(*plans, [&](const Cell& cell) { return cell.fields_changed == changed; }),
              2u);
  }
  for (const size_t percent : {0, 90, 100}) {
    EXPECT_GE(CountCells(*plans, [&](const Cell& cell) { return cell.read_percent == percent; }),
              2u);
  }
}

TEST(CompareSweep, WhatIsAskedForTakesThePlaceOfTheUsual) {
  SweepOptions options;
  options.nodes = {3};
  options.routing = {"sticky"};
  options.session_bytes = {1'000, 2'000};
  options.read_percent = {0, 100};
  options.requests = 77;
  const auto plans = PlanSweep(options);
  ASSERT_OK(plans);
  ASSERT_EQ(plans->size(), 1u);
  ASSERT_EQ(plans->front().cells.size(), 4u);
  for (const Cell& cell : plans->front().cells) {
    EXPECT_EQ(cell.nodes, 3u);
    EXPECT_FALSE(cell.round_robin);
    EXPECT_EQ(cell.requests, 77u);
    EXPECT_EQ(cell.fields_changed, 1u);
  }
}

TEST(CompareSweep, ACellThatCannotBeIsRefused) {
  SweepOptions options;
  options.session_bytes = {100};
  EXPECT_TRUE(absl::IsInvalidArgument(PlanSweep(options).status()));
}

TEST(CompareSweep, QuickIsAPartOfTheWhole) {
  SweepOptions options;
  options.quick = true;
  const auto quick = PlanSweep(options), whole = PlanSweep({});
  ASSERT_OK(quick);
  const auto any = [](const Cell&) { return true; };
  EXPECT_LT(CountCells(*quick, any), CountCells(*whole, any) / 2);
}

TEST(CompareSweep, ACellsCommandAsksForThatCell) {
  Cell cell;
  cell.nodes = 8;
  cell.round_robin = true;
  EXPECT_EQ(CommandOf(cell),
            " --nodes 8 --routing round-robin --session-bytes 4096 --fields 20 --fields-changed 1 "
            "--read-percent 0 --connections 1 --requests 2000");
}

TEST(CompareStrategies, EachHasANameOfItsOwnAndSaysHowItRuns) {
  std::set<std::string> names;
  for (const ComparedStrategy& strategy : AllStrategies()) {
    EXPECT_TRUE(names.insert(strategy.name).second) << strategy.name;
    EXPECT_FALSE(strategy.title.empty() || strategy.how.empty() || strategy.power_cut.empty());
    EXPECT_EQ(strategy.power_cut.starts_with("all of them: "),
              strategy.power_cut_leaves == PowerCutLeaves::kAll);
    EXPECT_EQ(strategy.power_cut.starts_with("nothing: "),
              strategy.power_cut_leaves == PowerCutLeaves::kNone);
    EXPECT_NE(strategy.make, nullptr);
    EXPECT_EQ(FindStrategy(strategy.name), &strategy);
  }
  EXPECT_EQ(FindStrategy("telepathy"), nullptr);
}

TEST(CompareResults, TheFileHasEachFigureWithItsCommand) {
  CompareResults results;
  results.strategies = {"sessionhub_push"};
  results.network = "namespaces";
  results.skipped = {{"tomcat_backup", "no tomcat"}};
  results.idle = {{"sessionhub_push", 2, 12.345}};
  StrategyCell& cell = results.cells.emplace_back();
  cell.strategy = "sessionhub_push";
  cell.figures.what = "change";
  cell.figures.requests = 100;
  cell.figures.bytes_per_change = 511.98;
  cell.figures.frames_per_change = 4.987;
  cell.figures.errors = 1;
  const nlohmann::ordered_json json = ToJson(results);
  EXPECT_EQ(json["strategies"][0]["title"], "sessionhub, push");
  EXPECT_EQ(json["skipped"][0]["why"], "no tomcat");
  EXPECT_EQ(json["idle"][0]["bytes_per_s"], 12.3);
  EXPECT_EQ(json["network"], "namespaces");
  EXPECT_EQ(json["cells"][0]["bytes_per_change"], 512.0);
  EXPECT_EQ(json["cells"][0]["frames_per_change"], 4.99);
  EXPECT_EQ(json["cells"][0]["routing"], "sticky");
  EXPECT_THAT(json["cells"][0]["command"].get<std::string>(),
              ::testing::StartsWith("sessionhub-bench compare --only sessionhub_push --nodes 2 "));
  EXPECT_TRUE(json["risks"].is_array());
  EXPECT_THAT(DescribeCell(cell), ::testing::HasSubstr("512.0 bytes in 4.99 frames, p50 "));
  EXPECT_THAT(DescribeCell(cell), ::testing::HasSubstr("1 ERRORS"));
}

TEST(CompareResults, OfFramesThatAreNotCountedNothingIsSaid) {
  CompareResults results;
  StrategyCell& cell = results.cells.emplace_back();
  cell.figures.bytes_per_change = 50;
  EXPECT_TRUE(ToJson(results)["cells"][0]["frames_per_change"].is_null());
  EXPECT_THAT(DescribeCell(cell), ::testing::HasSubstr("50.0 bytes, p50 "));
}

}  // namespace
}  // namespace sessionhub::bench
