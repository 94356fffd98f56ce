#include "bench/report/micro_times.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace sessionhub::bench {
namespace {

// As Google Benchmark 1.7 writes it, shortened.
constexpr char kText[] = R"({
  "context": {"date": "2026-11-30", "num_cpus": 2},
  "benchmarks": [
    {"name": "BM_Read", "run_type": "iteration", "iterations": 100,
     "real_time": 90.5, "cpu_time": 80.25, "time_unit": "ns"},
    {"name": "BM_ReadField", "real_time": 2.0, "cpu_time": 1.5, "time_unit": "us"},
    {"name": "BM_Ended", "error_occurred": true, "error_message": "no hub",
     "real_time": 0, "cpu_time": 0, "time_unit": "ns"},
    {"name": "BM_Fill", "cpu_time": 9, "time_unit": "ms", "bytes_of_pair": 61.5},
    {"name": "BM_Days", "real_time": 1, "cpu_time": 1, "time_unit": "days"},
    {"name": "BM_Without"}
  ]})";

TEST(MicroTimes, FindsTheOneOfThatNameInNs) {
  ASSERT_OK(FindMicroNs(kText, "BM_Read"));
  EXPECT_DOUBLE_EQ(*FindMicroNs(kText, "BM_Read"), 80.25);
  ASSERT_OK(FindMicroNs(kText, "BM_ReadField"));
  EXPECT_DOUBLE_EQ(*FindMicroNs(kText, "BM_ReadField"), 1'500);
}

TEST(MicroTimes, OneThatIsNotThereHasNoTime) {
  EXPECT_EQ(FindMicroNs(kText, "BM_Rea").status().code(), absl::StatusCode::kNotFound);
}

TEST(MicroTimes, OneThatFailedHasNoTime) {
  const absl::Status status = FindMicroNs(kText, "BM_Ended").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(status.message().find("no hub"), std::string::npos);
  EXPECT_EQ(FindMicroNs(kText, "BM_Days").status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(FindMicroNs(kText, "BM_Without").status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(MicroTimes, TellsAllInTheirOrder) {
  const auto all = AllMicroNs(R"({"benchmarks": [
      {"name": "BM_B", "cpu_time": 2, "time_unit": "us"},
      {"name": "BM_A", "cpu_time": 3, "time_unit": "ns"}]})");
  ASSERT_OK(all);
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ((*all)[0].first, "BM_B");
  EXPECT_DOUBLE_EQ((*all)[0].second, 2'000);
  EXPECT_EQ((*all)[1].first, "BM_A");
  EXPECT_EQ(AllMicroNs(kText).status().code(), absl::StatusCode::kFailedPrecondition)
      << "one of them has failed";
  EXPECT_EQ(AllMicroNs("{}").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(MicroTimes, WithoutPlaceTheFiguresAreTheSame) {
  const auto text = WithoutPlace(R"({
      "context": {"host_name": "a-host", "executable": "/a/folder/micro", "num_cpus": 2},
      "benchmarks": [{"name": "BM_A", "cpu_time": 3, "time_unit": "ns"}]})");
  ASSERT_OK(text);
  EXPECT_EQ(text->find("a-host"), std::string::npos);
  EXPECT_EQ(text->find("/a/folder"), std::string::npos);
  EXPECT_NE(text->find("num_cpus"), std::string::npos);
  EXPECT_DOUBLE_EQ(*FindMicroNs(*text, "BM_A"), 3);
  EXPECT_EQ(WithoutPlace("no JSON").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(MicroTimes, FindsACounter) {
  ASSERT_OK(FindMicroCounter(kText, "BM_Fill", "bytes_of_pair"));
  EXPECT_DOUBLE_EQ(*FindMicroCounter(kText, "BM_Fill", "bytes_of_pair"), 61.5);
  EXPECT_EQ(FindMicroCounter(kText, "BM_Read", "bytes_of_pair").status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(MicroTimes, OtherTextIsNone) {
  for (const char* text : {"", "not JSON", "[]", "{}", R"({"benchmarks": 3})"}) {
    EXPECT_EQ(FindMicroNs(text, "BM_Read").status().code(), absl::StatusCode::kInvalidArgument)
        << text;
  }
}

}  // namespace
}  // namespace sessionhub::bench
