#include "hub/gateway/audit_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/wait_for.h"

namespace sessionhub::hub {
namespace {

using nlohmann::json;

constexpr uint64_t kBytesMax = 1'000;

uint64_t SomeTimeUs() {
  return 1'796'112'000'123'456;
}

std::vector<std::string> LinesOf(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

AuditEntry SomeEntry() {
  AuditEntry entry;
  entry.event = "call";
  entry.call = "GetSession";
  entry.session = std::string("\xff\n\"", 3);
  entry.outcome = "OK";
  return entry;
}

class AuditLogTest : public ::testing::Test {
 protected:
  std::unique_ptr<AuditLog> Open() const {
    auto log = AuditLog::Open(path_, kBytesMax, SomeTimeUs);
    EXPECT_OK(log);
    return *std::move(log);
  }

  const testing::TemporaryFolder folder_;
  const std::string path_ = folder_.path() + "/audit";
};

TEST_F(AuditLogTest, ALineSaysWhatThereIsToSay) {
  AuditEntry entry = SomeEntry();
  entry.token = "0123456789ab";
  entry.role = "admin";
  entry.full_ids = true;
  Open()->Write(entry);
  const std::vector<std::string> lines = LinesOf(path_);
  ASSERT_EQ(lines.size(), 1u);
  const json line = json::parse(lines[0]);
  EXPECT_EQ(line["time_ms"], 1'796'112'000'123);
  EXPECT_EQ(line["event"], "call");
  EXPECT_EQ(line["token"], "0123456789ab");
  EXPECT_EQ(line["role"], "admin");
  EXPECT_EQ(line["full_ids"], true);
  EXPECT_EQ(line["outcome"], "OK");
  EXPECT_FALSE(line.contains("app"));
  struct stat found {};
  ASSERT_EQ(stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST_F(AuditLogTest, AppendsToWhatIsThere) {
  Open()->Write(SomeEntry());
  Open()->Write(SomeEntry());
  EXPECT_EQ(LinesOf(path_).size(), 2u);
}

TEST_F(AuditLogTest, KeepsTwoFilesOfItsSize) {
  constexpr int kLines = 100;
  {
    const auto log = Open();
    for (int i = 0; i < kLines; ++i) log->Write(SomeEntry());
  }
  EXPECT_LE(std::filesystem::file_size(path_), kBytesMax);
  EXPECT_LE(std::filesystem::file_size(path_ + ".1"), kBytesMax);
  const size_t kept = LinesOf(path_).size() + LinesOf(path_ + ".1").size();
  EXPECT_GT(kept, 5u);
  EXPECT_LT(kept, static_cast<size_t>(kLines));
  for (const std::string& line : LinesOf(path_ + ".1")) EXPECT_TRUE(json::accept(line)) << line;
}

TEST_F(AuditLogTest, AFileThatOthersMayReadOrWriteIsRefused) {
  Open()->Write(SomeEntry());
  for (const mode_t mode : {0640u, 0604u, 0620u}) {
    ASSERT_EQ(chmod(path_.c_str(), mode), 0);
    EXPECT_THAT(AuditLog::Open(path_, kBytesMax, SomeTimeUs),
                testing::StatusIs(absl::StatusCode::kFailedPrecondition,
                                  ::testing::HasSubstr("chmod 600 " + path_)));
  }
  ASSERT_EQ(chmod(path_.c_str(), 0600), 0);
  EXPECT_OK(AuditLog::Open(path_, kBytesMax, SomeTimeUs));
}

TEST_F(AuditLogTest, SaysWhatABackupHasDone) {
  AuditEntry entry = SomeEntry();
  entry.keep = 0;
  entry.backup = 7;
  entry.removed = {1, 2};
  Open()->Write(entry);
  Open()->Write(SomeEntry());
  const std::vector<std::string> lines = LinesOf(path_);
  ASSERT_EQ(lines.size(), 2u);
  const json line = json::parse(lines[0]);
  EXPECT_EQ(line["keep"], 0);
  EXPECT_EQ(line["backup"], 7);
  EXPECT_EQ(line["removed"], json::array({1, 2}));
  EXPECT_FALSE(json::parse(lines[1]).contains("keep"));
}

// No file of this process grows past a place within the next line of the audit, as on a full disk.
class FullDiskTest : public AuditLogTest {
 protected:
  static constexpr uint64_t kFullBytes = 1 << 20;  // past what the test itself prints
  static constexpr uint64_t kNoBound = 1 << 30;

  void SetUp() override {
    signal(SIGXFSZ, SIG_IGN);
    std::ofstream(path_) << std::string(kFullBytes - 21, 'x') << "\n";
    ASSERT_EQ(chmod(path_.c_str(), 0600), 0);
    ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before_), 0);
    Bound(kFullBytes);
  }
  void TearDown() override { setrlimit(RLIMIT_FSIZE, &before_); }

  void Bound(rlim_t bytes) const {
    const rlimit limit = {bytes, before_.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  }
  void EndFullDisk() const { Bound(before_.rlim_cur); }
  std::unique_ptr<AuditLog> OpenLarge() const {
    auto log = AuditLog::Open(path_, kNoBound, SomeTimeUs);
    EXPECT_OK(log);
    return *std::move(log);
  }
  // What is behind the first line.
  std::vector<std::string> Behind() const {
    std::vector<std::string> lines = LinesOf(path_);
    lines.erase(lines.begin());
    return lines;
  }

  rlimit before_ = {};
};

TEST_F(FullDiskTest, WhatIsLeftOfALineStaysALineOfItsOwn) {
  OpenLarge()->Write(SomeEntry());
  EndFullDisk();
  ASSERT_EQ(std::filesystem::file_size(path_), kFullBytes) << "half a line";
  OpenLarge()->Write(SomeEntry());
  const std::vector<std::string> lines = Behind();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_FALSE(json::accept(lines[0])) << lines[0];
  EXPECT_TRUE(json::accept(lines[1])) << lines[1];
}

TEST_F(FullDiskTest, TheSameWithoutARestart) {
  const auto log = OpenLarge();
  log->Write(SomeEntry());
  ASSERT_TRUE(testing::WaitFor([&] { return std::filesystem::file_size(path_) == kFullBytes; }));
  EndFullDisk();
  log->Write(SomeEntry());
  ASSERT_TRUE(testing::WaitFor([&] { return Behind().size() == 2 && json::accept(Behind()[1]); }));
}

TEST_F(AuditLogTest, AFileThatCannotBeOpenedIsNamed) {
  EXPECT_THAT(AuditLog::Open(folder_.path() + "/none/audit", kBytesMax, SomeTimeUs),
              testing::StatusIs(absl::StatusCode::kNotFound, ::testing::HasSubstr("none/audit")));
}

}  // namespace
}  // namespace sessionhub::hub
