#include "bench/report/results_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::bench {
namespace {

std::string TextOf(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class ResultsFilesTest : public ::testing::Test {
 protected:
  ResultsFilesTest() {
    findings_.Begin("one");
    findings_.Figure("p50_us", 277);
    findings_.Goal("latency", "<= 1.40 x", "1.51 x", false);
  }
  ResultsFiles Files() const {
    return {.folder = folder_.path(),
            .date = "2026-12-03",
            .command = "sessionhub-bench report",
            .commit = "abc1234",
            .limits_table = "a table",
            .micro_json = R"({"context": {"host_name": "a-host"}, "benchmarks": []})"};
  }
  std::string Path(const std::string& name) const { return folder_.path() + "/" + name; }

  const testing::TemporaryFolder folder_;
  Findings findings_;
};

TEST_F(ResultsFilesTest, AllIsWrittenByTheDaysName) {
  ASSERT_OK(WriteResults(Files(), findings_));
  const auto figures = nlohmann::json::parse(TextOf(Path("2026-12-03-report.json")));
  EXPECT_EQ(figures["figures"]["one"]["p50_us"], 277);
  EXPECT_EQ(figures["commit"], "abc1234");
  const std::string page = TextOf(Path("2026-12-03-report-table.md"));
  EXPECT_NE(page.find("abc1234"), std::string::npos);
  EXPECT_NE(page.find("| latency | <= 1.40 x | own | 1.51 x | short | - |\n"), std::string::npos);
  EXPECT_NE(page.find("```\na table\n```\n"), std::string::npos);
  const auto micro = nlohmann::json::parse(TextOf(Path("2026-12-03-micro.json")));
  EXPECT_FALSE(micro["context"].contains("host_name"));
}

TEST_F(ResultsFilesTest, WhatWasNotMeasuredIsNotWritten) {
  ResultsFiles files = Files();
  files.micro_json = files.limits_table = "";
  ASSERT_OK(WriteResults(files, findings_));
  EXPECT_FALSE(std::filesystem::exists(Path("2026-12-03-micro.json")));
  EXPECT_EQ(TextOf(Path("2026-12-03-report-table.md")).find("```"), std::string::npos);
}

TEST_F(ResultsFilesTest, SaysWhichFileCannotBeWritten) {
  ResultsFiles files = Files();
  files.folder = Path("nowhere");
  const absl::Status status = WriteResults(files, findings_);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(status.message().find("nowhere/2026-12-03-report.json"), std::string::npos);
}

TEST(Today, IsADay) {
  const std::string day = Today();
  ASSERT_EQ(day.size(), 10u);
  EXPECT_EQ(day[4], '-');
  EXPECT_EQ(day[7], '-');
}

}  // namespace
}  // namespace sessionhub::bench
