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
  scene_.AtMost("latency", 140, 100, 1.4);
  EXPECT_EQ(LastOutcome(), "passed");
  scene_.AtMost("latency", 140.1, 100, 1.4);
  EXPECT_EQ(LastOutcome(), "short");
  EXPECT_FALSE(findings_.failed());
}

TEST_F(ReportSceneTest, ALimitThatWasNotMeasuredIsAMistake) {
  findings_.Begin("echo");
  findings_.Figure("one_in_flight", {{"p50_us", 33.5}});
  EXPECT_EQ(scene_.Limit("echo", "one_in_flight", "p50_us"), 33.5);
  EXPECT_FALSE(findings_.failed());
  EXPECT_EQ(scene_.Limit("echo", "one_in_flight", "p99_us"), std::nullopt);
  EXPECT_TRUE(findings_.failed());
}

TEST_F(ReportSceneTest, APeerThatIsNotInstalledIsNone) {
  findings_.Begin("redis_always");
  findings_.Figure("skipped", "no redis-server");
  EXPECT_EQ(scene_.Limit("redis_always", "hset_16x1", "per_s"), std::nullopt);
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
