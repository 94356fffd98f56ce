// The doctor finds nothing in what is well, and says of what is not where and what to do.
#include "hub/offline/doctor.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "hub/offline/backup_check.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/hub/offline/consistent_folder.h"

namespace sessionhub::hub {
namespace {

using ::absl::StatusCode;
using ::sessionhub::testing::ConsistentFolder;
using ::sessionhub::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace fs = ::std::filesystem;

void FlipAByteOf(const fs::path& path, uint64_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ 0x10));
  ASSERT_TRUE(file.good()) << path;
}

// The first file below `folder` whose name ends so.
fs::path FileOf(const std::string& folder, const std::string& ending) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ending && entry.file_size() > 0) return entry.path();
  }
  ADD_FAILURE() << "no " << ending << " below " << folder;
  return {};
}

class DoctorTest : public ::testing::Test {
 protected:
  DoctorTest() { fs::permissions(folder_.data_dir(), fs::perms::owner_all); }

  Examination Look(const std::string& config_file = "") {
    DoctorOptions options;
    options.data_dir = folder_.data_dir();
    options.config_file = config_file;
    return Examine(options);
  }
  // All that is said, without advice.
  std::string Said(const std::string& config_file = "") {
    std::string said;
    for (const Finding& finding : Look(config_file).findings) {
      if (!finding.advice)
        said += finding.where + ": " + finding.what + " " + finding.remedy + "\n";
    }
    return said;
  }
  std::string WriteConfig(const std::string& text) {
    const std::string path = folder_.path() + "/config";
    std::ofstream(path) << text;
    return path;
  }
  // So that the records are in a table.
  void Reopen() { ASSERT_OK(folder_.Open()); }

  const ConsistentFolder folder_;
};

TEST_F(DoctorTest, FindsNothingInWhatIsWell) {
  const Examination found = Look(WriteConfig("shards = 2\ndisk-free-bytes-min = 1\n"));
  for (const Finding& finding : found.findings) ADD_FAILURE() << finding.where << finding.what;
  EXPECT_FALSE(found.ill());
  ASSERT_TRUE(found.totals.has_value());
  EXPECT_EQ(found.totals->sessions, 1u);
  EXPECT_EQ(found.totals->dead_sessions, 1u);
  EXPECT_GT(found.free_bytes, 0u);
}

TEST_F(DoctorTest, ChangesNothing) {
  std::string before;
  std::string after;
  const auto names = [this](std::string* all) {
    for (const auto& entry : fs::recursive_directory_iterator(folder_.data_dir())) {
      *all += entry.path().string() + "\n";
    }
  };
  names(&before);
  Look();
  names(&after);
  EXPECT_EQ(before, after);
}

TEST_F(DoctorTest, AHubThatRunsIsSaid) {
  const auto store = folder_.Open();
  ASSERT_OK(store);
  EXPECT_THAT(Said(), HasSubstr("in use by another process"));
}

TEST_F(DoctorTest, WhatIsNoDataFolderIsSaid) {
  fs::rename(folder_.data_dir(), folder_.path() + "/away");
  EXPECT_THAT(Said(), HasSubstr("there is no folder"));
  EXPECT_FALSE(fs::exists(folder_.data_dir()));
  fs::create_directory(folder_.data_dir());
  EXPECT_THAT(Said(), HasSubstr("it has no FORMAT"));
  std::ofstream(folder_.data_dir() + "/RESTORING") << "x";
  EXPECT_THAT(Said(), HasSubstr("was broken off"));
}

TEST_F(DoctorTest, ALaterFormatIsSaid) {
  std::ofstream(folder_.data_dir() + "/FORMAT") << "sessionhub data folder, format 9\n";
  EXPECT_THAT(Said(), HasSubstr("has format 9"));
}

TEST_F(DoctorTest, AMissingFormatIsDamage) {
  fs::remove(folder_.data_dir() + "/FORMAT");
  EXPECT_THAT(Said(), HasSubstr("FORMAT is missing although"));
}

TEST_F(DoctorTest, AFlippedByteOfALogIsFound) {
  ASSERT_NO_FATAL_FAILURE(FlipAByteOf(FileOf(folder_.data_dir(), ".log"), 20));
  EXPECT_THAT(Said(), HasSubstr("is damaged at byte"));
}

TEST_F(DoctorTest, AFlippedByteOfATableIsFound) {
  ASSERT_NO_FATAL_FAILURE(Reopen());
  ASSERT_NO_FATAL_FAILURE(FlipAByteOf(FileOf(folder_.data_dir(), ".sst"), 5));
  EXPECT_THAT(Said(), HasSubstr("damaged"));
}

TEST_F(DoctorTest, RecordsThatDoNotFitAreFound) {
  TurnRecord record;
  record.names.push_back({folder_.live_name(), std::nullopt});
  ASSERT_NO_FATAL_FAILURE(folder_.Write(record));
  EXPECT_THAT(Said(), HasSubstr("its own id does not lead to it"));
}

TEST_F(DoctorTest, AFolderThatOthersMayWriteIsFound) {
  fs::permissions(folder_.data_dir(), fs::perms::owner_all | fs::perms::others_write);
  EXPECT_THAT(Said(), HasSubstr("others than its owner may write"));
}

TEST_F(DoctorTest, OneThatOthersMayReadGetsAdvice) {
  // Whoever may enter it can open each file whose name he knows.
  for (const fs::perms bit : {fs::perms::others_read, fs::perms::others_exec, fs::perms::group_read,
                              fs::perms::group_exec}) {
    fs::permissions(folder_.data_dir(), fs::perms::owner_all | bit);
    const Examination found = Look();
    EXPECT_FALSE(found.ill());
    ASSERT_EQ(found.findings.size(), 1u);
    EXPECT_EQ(found.findings[0].remedy, "chmod 700 " + folder_.data_dir());
  }
}

TEST_F(DoctorTest, BackupsAreAsPrivateAsTheDataTheyAreOf) {
  const std::string backups = folder_.path() + "/kept";
  const std::string config =
      WriteConfig("backup-dir = \"" + backups + "\"\ndisk-free-bytes-min = 1\n");
  EXPECT_THAT(Look(config).findings, IsEmpty()) << "there are none yet";
  fs::create_directory(backups);
  fs::permissions(backups, fs::perms::owner_all | fs::perms::others_read);
  const Examination found = Look(config);
  EXPECT_FALSE(found.ill());
  ASSERT_EQ(found.findings.size(), 1u);
  EXPECT_EQ(found.findings[0].remedy, "chmod 700 " + backups);
  fs::permissions(backups, fs::perms::owner_all | fs::perms::others_write);
  EXPECT_TRUE(Look(config).ill());
}

TEST_F(DoctorTest, ADiskThatIsTooFullIsFound) {
  EXPECT_THAT(Said(WriteConfig("disk-free-bytes-min = 1099511627776\n")),
              HasSubstr("less than disk_free_bytes_min"));
}

TEST_F(DoctorTest, AConfigurationThatTheHubWouldRefuseIsFound) {
  EXPECT_THAT(Said(WriteConfig("shards = 0\n")), HasSubstr("shards"));
  EXPECT_THAT(Said(WriteConfig("no-such-option = 1\n")), HasSubstr("no-such-option"));
  EXPECT_THAT(Said(WriteConfig("listen = \"0.0.0.0:7070\"\n")), HasSubstr("not loopback"));
  EXPECT_THAT(Said(folder_.path() + "/nowhere"), HasSubstr("cannot read --config"));
  EXPECT_THAT(Said(WriteConfig("backup-dir = \"" + folder_.data_dir() + "/backups\"\n")),
              HasSubstr("is within --data-dir"));
}

class BackupCheckTest : public DoctorTest {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(Reopen());  // a table, and
    ASSERT_NO_FATAL_FAILURE(folder_.Write({}));
    const auto store = folder_.Open();
    ASSERT_OK(store);
    TurnRecord record;
    record.hub_time = 5;
    ASSERT_OK((*store)->Apply(record, true));  // a log
    ASSERT_OK((*store)->CreateBackup({}));
  }
  absl::StatusOr<CheckedBackup> Check() { return CheckBackup(folder_.backup_dir(), 0); }
};

TEST_F(BackupCheckTest, AGoodOneIsCounted) {
  const auto checked = Check();
  ASSERT_OK(checked);
  EXPECT_THAT(checked->findings, IsEmpty());
  EXPECT_EQ(checked->totals.sessions, 1u);
  EXPECT_EQ(checked->totals.dead_sessions, 1u);
  EXPECT_EQ(checked->totals.fields, 2u);
}

TEST_F(BackupCheckTest, AFlippedByteIsFound) {
  ASSERT_NO_FATAL_FAILURE(FlipAByteOf(FileOf(folder_.backup_dir(), ".sst"), 5));
  EXPECT_THAT(Check(), StatusIs(StatusCode::kDataLoss, HasSubstr("use another backup")));
}

TEST_F(BackupCheckTest, AMissingFileIsFound) {
  fs::remove(FileOf(folder_.backup_dir(), ".log"));
  EXPECT_THAT(Check(), StatusIs(StatusCode::kDataLoss, HasSubstr("missing")));
  const auto backups = ListBackupsIn(folder_.backup_dir());
  ASSERT_OK(backups);
  ASSERT_EQ(backups->size(), 1u);
  EXPECT_TRUE(backups->front().damaged);
}

TEST_F(BackupCheckTest, AShortFileIsFound) {
  const fs::path table = FileOf(folder_.backup_dir(), ".sst");
  fs::resize_file(table, fs::file_size(table) - 1);
  EXPECT_THAT(Check(), StatusIs(StatusCode::kDataLoss, HasSubstr("use another backup")));
}

TEST_F(BackupCheckTest, RecordsThatDoNotFitAreFound) {
  const auto store = folder_.Open();
  ASSERT_OK(store);
  TurnRecord record;
  record.names.push_back({folder_.live_name(), std::nullopt});
  ASSERT_OK((*store)->Apply(record, true));
  ASSERT_OK((*store)->CreateBackup({}));
  const auto checked = Check();
  ASSERT_OK(checked);
  ASSERT_EQ(checked->findings.size(), 1u);
  EXPECT_THAT(checked->findings[0].what, HasSubstr("does not lead to it"));
}

}  // namespace
}  // namespace sessionhub::hub
