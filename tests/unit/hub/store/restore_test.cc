// A restored folder is whole, with a history of its own, or it is no data folder.
#include "hub/store/restore.h"

#include <rocksdb/env.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <string>

#include "hub/store/rocks_store.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/turn_records.h"

namespace sessionhub::hub {
namespace {

using ::absl::StatusCode;
using ::sessionhub::testing::Call;
using ::sessionhub::testing::Fault;
using ::sessionhub::testing::FaultyFileSystem;
using ::sessionhub::testing::PutField;
using ::sessionhub::testing::ReadText;
using ::sessionhub::testing::StatusIs;
using ::sessionhub::testing::TemporaryFolder;
using ::testing::HasSubstr;

namespace fs = ::std::filesystem;

constexpr SessionNumber kSession = MakeSessionNumber(7, 1);
constexpr HistoryId kHistory = {1};
constexpr HistoryId kNewHistory = {2};
constexpr uint64_t kCallsMax = 2'000;  // that change the disk: more than a restore makes

absl::StatusOr<std::unique_ptr<RocksStore>> OpenStore(const std::string& data_dir,
                                                      const std::string& backup_dir = "") {
  RocksStoreOptions options;
  options.data_dir = data_dir;
  options.backup_dir = backup_dir;
  options.fresh_history_id = kHistory;
  return RocksStore::Open(options);
}

class RestoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto store = OpenStore(folder_.path() + "/data", backups());
    ASSERT_OK(store);
    ASSERT_OK((*store)->Apply(PutField(kSession, "text", "a"), true));
    ASSERT_OK((*store)->CreateBackup({}));
  }
  std::string backups() const { return folder_.path() + "/backups"; }
  std::string target() const { return folder_.path() + "/restored"; }

  absl::StatusOr<Restored> RunRestore(rocksdb::Env* env = nullptr, uint32_t id = 0) {
    RestoreOptions options;
    options.backup_dir = backups();
    options.backup = id;
    options.data_dir = target();
    options.fresh_history_id = kNewHistory;
    options.env = env;
    return Restore(options);
  }
  void CheckItIsWhole() {
    EXPECT_FALSE(fs::exists(target() + "/RESTORING"));
    EXPECT_FALSE(fs::exists(target() + "/FORMAT.new"));
    const auto store = OpenStore(target());
    ASSERT_OK(store);
    EXPECT_EQ(ReadText(**store, kSession, "text"), "a");
    EXPECT_EQ((*store)->history_id(), kNewHistory);
  }
  // As a restore leaves it that was killed while it copied.
  void BreakOffWhileCopying() {
    ASSERT_OK(RunRestore());
    fs::remove(target() + "/FORMAT");
    std::ofstream(target() + "/RESTORING") << "restoring\n";
    for (const auto& entry : fs::directory_iterator(target() + "/db")) {
      if (entry.path().extension() == ".sst") fs::remove(entry.path());
    }
  }

  const TemporaryFolder folder_{TemporaryFolder::InMemory()};
};

TEST_F(RestoreTest, MakesTheFolderOrTakesAnEmptyOne) {
  ASSERT_OK(RunRestore());
  ASSERT_NO_FATAL_FAILURE(CheckItIsWhole());
  fs::remove_all(target());
  fs::create_directory(target());
  ASSERT_OK(RunRestore());
  ASSERT_NO_FATAL_FAILURE(CheckItIsWhole());
}

TEST_F(RestoreTest, NeverGoesOverData) {
  ASSERT_OK(RunRestore());
  EXPECT_THAT(RunRestore(), StatusIs(StatusCode::kFailedPrecondition, HasSubstr("not empty")));
  ASSERT_NO_FATAL_FAILURE(CheckItIsWhole());
  fs::remove_all(target());
  fs::create_directory(target());
  std::ofstream(target() + "/notes") << "mine";
  EXPECT_THAT(RunRestore(), StatusIs(StatusCode::kFailedPrecondition, HasSubstr("notes")));
  EXPECT_TRUE(fs::exists(target() + "/notes"));
}

TEST_F(RestoreTest, WhatIsNotThereIsNotFound) {
  EXPECT_THAT(RunRestore(nullptr, 7), StatusIs(StatusCode::kNotFound, HasSubstr("no backup 7")));
  EXPECT_FALSE(fs::exists(target()));
  fs::remove_all(backups());
  EXPECT_THAT(RunRestore(), StatusIs(StatusCode::kNotFound, HasSubstr("no folder of backups")));
}

TEST_F(RestoreTest, OneThatWasBrokenOffIsNoDataFolderAndIsDoneAgain) {
  ASSERT_NO_FATAL_FAILURE(BreakOffWhileCopying());
  EXPECT_THAT(OpenStore(target()),
              StatusIs(StatusCode::kFailedPrecondition, HasSubstr("was broken off")));
  ASSERT_OK(RunRestore());
  ASSERT_NO_FATAL_FAILURE(CheckItIsWhole());
}

TEST_F(RestoreTest, ASecondOneDoesNotGoOverTheFirst) {
  const std::string attic = folder_.path() + "/attic";
  fs::create_directory(attic);
  auto files = std::make_shared<FaultyFileSystem>(attic);
  const auto env = rocksdb::NewCompositeEnv(files);
  files->faults().Add({.what = Fault::What::kHold, .call = Call::kCreate, .ending = ".log"});
  auto first = std::async(std::launch::async, [&] { return RunRestore(env.get()); });
  ASSERT_TRUE(files->faults().WaitUntilHeld());
  EXPECT_THAT(RunRestore(), StatusIs(StatusCode::kFailedPrecondition, HasSubstr("is in use")));
  // From another folder of backups, which nobody has locked.
  RestoreOptions other;
  other.backup_dir = folder_.path() + "/other";
  other.data_dir = target();
  fs::copy(backups(), other.backup_dir, fs::copy_options::recursive);
  EXPECT_THAT(Restore(other), StatusIs(StatusCode::kFailedPrecondition, HasSubstr(target())));
  files->faults().Release();
  ASSERT_OK(first.get());
  ASSERT_NO_FATAL_FAILURE(CheckItIsWhole());
}

TEST_F(RestoreTest, OneOfALaterFormatIsRefused) {
  RestoreOptions options;
  options.backup_dir = backups();
  options.data_dir = target();
  options.formats = {2, 2};
  EXPECT_THAT(Restore(options), StatusIs(StatusCode::kFailedPrecondition, HasSubstr("format 1")));
  EXPECT_FALSE(fs::exists(target()));
}

// Whatever moment the power fails at: a folder with a FORMAT is whole, one without is refused or as
// good as empty, and another restore makes it good.
TEST_F(RestoreTest, APowerCutLeavesAWholeFolderOrNone) {
  bool was_cut = true;
  int whole = 0;
  int cuts = 0;
  for (uint64_t nth = 1; was_cut && nth < kCallsMax; ++nth) {
    SCOPED_TRACE("at call " + std::to_string(nth));
    const std::string attic = folder_.path() + "/attic";
    fs::remove_all(attic);
    fs::create_directory(attic);
    auto files = std::make_shared<FaultyFileSystem>(attic);
    const auto env = rocksdb::NewCompositeEnv(files);
    files->faults().Add({.what = Fault::What::kCutPower, .nth = nth});
    const auto restored = RunRestore(env.get());
    was_cut = files->power_is_cut();
    ASSERT_TRUE(was_cut || restored.ok()) << restored.status();
    files->Restart();
    cuts += was_cut ? 1 : 0;
    if (fs::exists(target() + "/FORMAT")) {
      ++whole;
      const auto store = OpenStore(target());
      ASSERT_OK(store);
      EXPECT_EQ(ReadText(**store, kSession, "text"), "a");
      EXPECT_EQ((*store)->history_id(), kNewHistory);
    } else {
      if (fs::exists(target() + "/RESTORING")) {
        EXPECT_THAT(OpenStore(target()),
                    StatusIs(StatusCode::kFailedPrecondition, HasSubstr("was broken off")));
      } else {
        EXPECT_FALSE(fs::exists(target() + "/db"));
      }
      ASSERT_OK(RunRestore());
      ASSERT_NO_FATAL_FAILURE(CheckItIsWhole());
    }
    ASSERT_FALSE(HasFailure());
    fs::remove_all(target());
  }
  EXPECT_FALSE(was_cut) << "a restore makes more calls than that";
  EXPECT_GT(cuts, 10);
  EXPECT_GT(whole, 0);
}

}  // namespace
}  // namespace sessionhub::hub
