#include "bench/report/report_scene.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "bench/report/crowd_nodes.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::bench {
namespace {

using nlohmann::json;

class ReportSceneTest : public ::testing::Test {
 protected:
  // The outcome of the goal that was told last, as the file would have it.
  std::string LastOutcome() const {
    const std::string path = folder_.path() + "/figures.json";
    EXPECT_OK(findings_.WriteJson(path, "", ""));
    std::ifstream file(path);
    return json::parse(file)["goals"].back()["outcome"];
  }

  const testing::TemporaryFolder folder_;
  ReportOptions options_;
  Findings findings_;
  ReportScene scene_{options_, "", &findings_};
};

TEST_F(ReportSceneTest, AGoalIsReachedAtItsBoundAndShortPastIt) {
  findings_.Begin("one");
  RatioRow row = {.name = "latency", .figure = {140}, .beside = {100}, .bound = 1.4};
  scene_.AtMost(row);
  EXPECT_EQ(LastOutcome(), "pass");
  scene_.AtLeast(row);
  EXPECT_EQ(LastOutcome(), "pass");
  row.figure.value = 140.1;
  scene_.AtMost(row);
  EXPECT_EQ(LastOutcome(), "short");
  row.figure.value = 139.9;
  scene_.AtLeast(row);
  EXPECT_EQ(LastOutcome(), "short");
  scene_.KnownRatio(row);
  EXPECT_EQ(LastOutcome(), "known");
  EXPECT_FALSE(findings_.failed());
}

TEST_F(ReportSceneTest, WhatSurvivesDifferentlyIsNotDividedUnlessThatIsSaid) {
  findings_.Begin("one");
  RatioRow row = {.name = "bytes",
                  .figure = {10, Survival::kAcked},
                  .beside = {20, Survival::kNothing},
                  .comparison = Comparison::kUnlike};
  scene_.AtMost(row);
  EXPECT_FALSE(findings_.failed());
  EXPECT_EQ(findings_.goals().back()["comparison"], "unlike");
  EXPECT_EQ(findings_.goals().back()["figure"], "0.50 x (10.0 beside 20.0)");
  row.comparison = Comparison::kAlike;
  scene_.KnownRatio(row);
  EXPECT_TRUE(findings_.failed());
  EXPECT_EQ(findings_.goals().size(), 1u) << "no line has that ratio";
}

TEST_F(ReportSceneTest, ALimitThatWasNotMeasuredIsAMistake) {
  findings_.Begin("echo");
  findings_.Figure("one_in_flight", {{"p50_us", 33.5}, {"survives", "nothing"}});
  const std::optional<Measured> limit = scene_.Limit("echo", "one_in_flight", "p50_us");
  ASSERT_TRUE(limit.has_value());
  EXPECT_EQ(limit->value, 33.5);
  EXPECT_EQ(limit->survives, Survival::kNothing);
  EXPECT_FALSE(findings_.failed());
  EXPECT_FALSE(scene_.Limit("echo", "one_in_flight", "p99_us").has_value());
  EXPECT_TRUE(findings_.failed());
}

TEST_F(ReportSceneTest, ALimitOfWhichNothingIsSaidOfPowerCutsIsAMistake) {
  findings_.Begin("echo");
  findings_.Figure("one_in_flight", {{"p50_us", 33.5}, {"survives", "perhaps"}});
  EXPECT_FALSE(scene_.Limit("echo", "one_in_flight", "p50_us").has_value());
  EXPECT_TRUE(findings_.failed());
}

TEST(AboveNoise, OnlyAFigureAboveItIsTold) {
  EXPECT_EQ(AboveNoise(37.25, 12), "37.2");
  EXPECT_EQ(AboveNoise(37, 79.5), "below noise: within 79.5 of none");
  EXPECT_EQ(AboveNoise(-42, 12), "below noise: within 42.0 of none");
  EXPECT_EQ(AboveNoise(0, 0), "below noise: within 0.0 of none");
}

TEST_F(ReportSceneTest, APeerThatIsNotInstalledIsNone) {
  findings_.Begin("redis_always");
  findings_.Figure("skipped", "no redis-server");
  EXPECT_FALSE(scene_.Limit("redis_always", "hset_16x1", "per_s").has_value());
  EXPECT_FALSE(findings_.failed());
}

TEST(ReportRows, EachHasANameOfItsOwn) {
  std::vector<std::string> names = ReportRows();
  EXPECT_GE(names.size(), 2u);
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::unique(names.begin(), names.end()), names.end());
}

json AnswerWith(int64_t latency_us, uint64_t failed) {
  LatencyHistogram histogram;
  histogram.Record(latency_us);
  return {{"latency", histogram.ToJson()},
          {"all", 3},
          {"failed", failed},
          {"first_error", failed > 0 ? "gone" : ""}};
}

TEST(SumServed, AddsUpAllNodes) {
  const absl::StatusOr<Served> served = SumServed({AnswerWith(10, 0), AnswerWith(20, 0)}, 0.5);
  ASSERT_OK(served);
  EXPECT_EQ(served->latency.count(), 2u);
  EXPECT_EQ(served->latency.max_us(), 20);
  EXPECT_EQ(served->with_warm_up, 6u);
  EXPECT_DOUBLE_EQ(served->per_s, 4);
}

TEST(SumServed, OneFailureFailsAll) {
  const absl::Status status = SumServed({AnswerWith(10, 0), AnswerWith(20, 1)}, 1).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_NE(status.message().find("gone"), std::string::npos);
}

TEST(SumServed, NothingServedIsNoFigure) {
  EXPECT_EQ(SumServed({}, 1).status().code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace sessionhub::bench
