#include "bench/overload/findings.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::bench {
namespace {

TEST(Findings, AShortfallIsToldAndFailsNothing) {
  Findings findings;
  findings.Begin("storm");
  findings.Goal("p99", "<= 5 s", "6 s", false);
  findings.DemandNone(0, "commits lost");
  EXPECT_FALSE(findings.failed());
}

TEST(Findings, AViolationFails) {
  Findings findings;
  findings.Begin("storm");
  findings.DemandNone(2, "commits lost");
  EXPECT_TRUE(findings.failed());
}

TEST(Findings, WritesWhatWasFound) {
  const testing::TemporaryFolder folder;
  Findings findings;
  findings.Begin("storm");
  findings.Figure("nodes", 500);
  findings.Goal("p99", "<= 5 s", "6 s", false);
  findings.Known("bytes", "7");
  findings.Violation("a commit is lost");
  const std::string path = folder.path() + "/figures.json";
  ASSERT_OK(findings.WriteJson(path, "sessionhub-bench overload", "abc1234"));
  std::ifstream file(path);
  const nlohmann::json all = nlohmann::json::parse(file);
  EXPECT_EQ(all["command"], "sessionhub-bench overload");
  EXPECT_EQ(all["commit"], "abc1234");
  EXPECT_FALSE(all["machine"].get<std::string>().empty());
  EXPECT_EQ(all["figures"]["storm"]["nodes"], 500);
  EXPECT_EQ(all["goals"][0]["outcome"], "short");
  EXPECT_EQ(all["goals"][0]["measure"], "storm");
  EXPECT_EQ(all["goals"][0]["source"], "own");
  EXPECT_EQ(all["goals"][1]["outcome"], "known");
  EXPECT_FALSE(all["goals"][1].contains("goal"));
  EXPECT_EQ(all["violations"][0], "storm: a commit is lost");
}

TEST(Findings, SaysWhichFileCannotBeWritten) {
  const absl::Status status = Findings().WriteJson("/nowhere/figures.json", "", "");
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(status.message().find("/nowhere/figures.json"), std::string::npos);
}

}  // namespace
}  // namespace sessionhub::bench
