#include "bench/report/data_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::bench {
namespace {

void Write(const std::string& path, size_t bytes) {
  std::ofstream(path) << std::string(bytes, 'x');
}

TEST(DataFolder, CountsTheLogsAndNothingElse) {
  const testing::TemporaryFolder folder;
  EXPECT_EQ(LogBytes(folder.path() + "/none"), 0u);
  EXPECT_EQ(LogBytes(folder.path()), 0u);
  Write(folder.path() + "/000004.log", 1'000);
  Write(folder.path() + "/000009.log", 24);
  Write(folder.path() + "/000007.sst", 5'000);
  Write(folder.path() + "/LOG", 300);
  EXPECT_EQ(LogBytes(folder.path()), 1'024u);
}

TEST(DataFolder, TellsTheBytesThatWereWaitedFor) {
  const testing::TemporaryFolder folder;
  Write(folder.path() + "/000004.log", 1'000);
  const absl::StatusOr<uint64_t> bytes = AwaitLogBytes(folder.path(), 1'000, 1'000);
  ASSERT_OK(bytes);
  EXPECT_EQ(*bytes, 1'000u);
}

TEST(DataFolder, WhatTheKernelForgetsIsStillInTheFiles) {
  const testing::TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() + "/db");
  Write(folder.path() + "/db/000007.sst", 5'000);
  EXPECT_OK(ForgetPages(folder.path()));
  EXPECT_EQ(std::filesystem::file_size(folder.path() + "/db/000007.sst"), 5'000u);
}

TEST(DataFolder, WhatIsNotThereIsNotForgotten) {
  const testing::TemporaryFolder folder;
  EXPECT_EQ(ForgetPages(folder.path() + "/none").code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace sessionhub::bench
