#include "hub/gateway/audit_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

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

TEST_F(AuditLogTest, AFileThatCannotBeOpenedIsNamed) {
  EXPECT_THAT(AuditLog::Open(folder_.path() + "/none/audit", kBytesMax, SomeTimeUs),
              testing::StatusIs(absl::StatusCode::kNotFound, ::testing::HasSubstr("none/audit")));
}

}  // namespace
}  // namespace sessionhub::hub
