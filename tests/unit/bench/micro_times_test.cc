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
