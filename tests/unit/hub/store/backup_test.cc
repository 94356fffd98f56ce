// Backups of an open store: what is in them, what they cost, and what they must not disturb.
#include <rocksdb/env.h>

#include <filesystem>
#include <future>
#include <memory>
#include <string>

#include "hub/store/restore.h"
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
using ::sessionhub::testing::WriteSessions;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace fs = ::std::filesystem;

constexpr SessionNumber kSession = MakeSessionNumber(7, 1);
constexpr HistoryId kHistory = {1};
constexpr HistoryId kNewHistory = {2};

class BackupTest : public ::testing::Test {
 protected:
  BackupTest() {
    fs::create_directory(folder_.path() + "/attic");
    files_ = std::make_shared<FaultyFileSystem>(folder_.path() + "/attic");
    env_ = rocksdb::NewCompositeEnv(files_);
  }
  ~BackupTest() override { files_->faults().Clear(); }

  std::string data() const { return folder_.path() + "/data"; }
  std::string backups() const { return folder_.path() + "/backups"; }
  std::string restored() const { return folder_.path() + "/restored"; }

  void Open(uint64_t write_buffer_bytes = 64 << 20) {
    RocksStoreOptions options;
    options.data_dir = data();
    options.backup_dir = backups();
    options.fresh_history_id = kHistory;
    options.write_buffer_bytes = write_buffer_bytes;
    options.env = env_.get();
    auto store = RocksStore::Open(options);
    ASSERT_OK(store);
    store_ = *std::move(store);
  }
  void Put(const std::string& path, const std::string& text) {
    ASSERT_OK(store_->Apply(PutField(kSession, path, text), true));
  }
  absl::StatusOr<MadeBackup> Create(uint32_t keep = 0) {
    return store_->CreateBackup({"1.2.3", 17, keep});
  }
  std::vector<uint32_t> Ids() const {
    std::vector<uint32_t> ids;
    const auto listing = store_->ListBackups();
    EXPECT_OK(listing);
    if (!listing.ok()) return ids;
    for (const Backup& backup : listing->backups) ids.push_back(backup.id);
    return ids;
  }
  // Into a folder that each call makes anew.
  std::unique_ptr<RocksStore> RestoreAndOpen(uint32_t id) {
    fs::remove_all(restored());
    RestoreOptions options;
    options.backup_dir = backups();
    options.backup = id;
    options.data_dir = restored();
    options.fresh_history_id = kNewHistory;
    EXPECT_OK(Restore(options));
    RocksStoreOptions open;
    open.data_dir = restored();
    auto store = RocksStore::Open(open);
    EXPECT_OK(store);
    return store.ok() ? *std::move(store) : nullptr;
  }

  const TemporaryFolder folder_{TemporaryFolder::InMemory()};
  std::shared_ptr<FaultyFileSystem> files_;
  std::unique_ptr<rocksdb::Env> env_;
  std::unique_ptr<RocksStore> store_;
};

TEST_F(BackupTest, HoldsWhatWasThereAndNothingThatCameLater) {
  ASSERT_NO_FATAL_FAILURE(Open());
  ASSERT_NO_FATAL_FAILURE(Put("before", "a"));
  const auto made = Create();
  ASSERT_OK(made);
  EXPECT_EQ(made->backup.id, 1u);
  EXPECT_GT(made->backup.size_bytes, 0u);
  EXPECT_EQ(made->backup.about.hub_version(), "1.2.3");
  EXPECT_EQ(made->backup.about.hub_time(), 17u);
  EXPECT_EQ(made->backup.about.format(), kFormats.newest);
  EXPECT_EQ(made->backup.about.history_id(), Id128ToBytes(kHistory));
  EXPECT_GT(made->backup.about.position(), 0u);
  ASSERT_NO_FATAL_FAILURE(Put("before", "b"));
  ASSERT_NO_FATAL_FAILURE(Put("after", "c"));
  const auto store = RestoreAndOpen(1);
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(ReadText(*store, kSession, "before"), "a");
  EXPECT_EQ(ReadText(*store, kSession, "after"), std::nullopt);
  EXPECT_EQ(store->history_id(), kNewHistory);
  EXPECT_EQ(ReadText(*store_, kSession, "after"), "c");
}

TEST_F(BackupTest, EachOneIsRestoredByItself) {
  ASSERT_NO_FATAL_FAILURE(Open());
  for (const char* text : {"one", "two", "three"}) {
    ASSERT_NO_FATAL_FAILURE(Put("text", text));
    ASSERT_OK(Create());
  }
  EXPECT_EQ(ReadText(*RestoreAndOpen(2), kSession, "text"), "two");
  EXPECT_EQ(ReadText(*RestoreAndOpen(1), kSession, "text"), "one");
  EXPECT_EQ(ReadText(*RestoreAndOpen(0), kSession, "text"), "three") << "the newest";
}

uint64_t BytesBelow(const std::string& folder) {
  uint64_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  return bytes;
}

TEST_F(BackupTest, TablesThatBackupsHaveInCommonAreStoredOnce) {
  ASSERT_NO_FATAL_FAILURE(Open(/*write_buffer_bytes=*/64 << 10));
  ASSERT_OK(WriteSessions(20'000, store_.get()));
  // So that everything is in tables.
  store_.reset();
  ASSERT_NO_FATAL_FAILURE(Open(/*write_buffer_bytes=*/64 << 10));
  ASSERT_OK(Create());
  const uint64_t first = BytesBelow(backups());
  for (int i = 0; i < 4; ++i) ASSERT_OK(Create());
  EXPECT_LT(BytesBelow(backups()), 3 * first);
  EXPECT_THAT(Ids(), ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(BackupTest, SoManyAreKept) {
  ASSERT_NO_FATAL_FAILURE(Open());
  for (int i = 0; i < 3; ++i) ASSERT_OK(Create());
  const auto made = Create(2);
  ASSERT_OK(made);
  EXPECT_THAT(made->removed, ElementsAre(1, 2));
  EXPECT_THAT(Ids(), ElementsAre(3, 4));
  const auto next = Create(kBackupsMax);
  ASSERT_OK(next);
  EXPECT_THAT(next->removed, IsEmpty());
  EXPECT_THAT(Create(kBackupsMax + 1), StatusIs(StatusCode::kInvalidArgument, HasSubstr("1000")));
}

TEST_F(BackupTest, ADamagedOneIsNoneThatIsKept) {
  ASSERT_NO_FATAL_FAILURE(Open());
  for (int i = 0; i < 3; ++i) ASSERT_OK(Create());
  store_.reset();
  std::filesystem::resize_file(backups() + "/meta/3", 0);
  ASSERT_NO_FATAL_FAILURE(Open());
  const auto made = Create(2);
  ASSERT_OK(made);
  EXPECT_THAT(made->removed, ElementsAre(1));
}

TEST_F(BackupTest, OneThatIsMadeIsSaidToBeMadeWhateverIsNotRemoved) {
  ASSERT_NO_FATAL_FAILURE(Open());
  for (int i = 0; i < 3; ++i) ASSERT_OK(Create());
  files_->faults().Add({.call = Call::kDelete, .ending = "meta/2"});
  const auto made = Create(1);
  ASSERT_OK(made);
  EXPECT_EQ(made->backup.id, 4u);
  EXPECT_THAT(made->removed, ElementsAre(1));
  EXPECT_THAT(made->removal,
              StatusIs(StatusCode::kInternal, HasSubstr("cannot remove backup 2 in " + backups())));
  files_->faults().Clear();
  const auto next = Create(1);
  ASSERT_OK(next);
  EXPECT_OK(next->removal);
  EXPECT_THAT(Ids(), ElementsAre(5));
}

TEST_F(BackupTest, OneThatMayNotBeginDoesNotAndTheNextOneMay) {
  ASSERT_NO_FATAL_FAILURE(Open());
  BackupRequest request;
  request.may_begin = [] { return absl::ResourceExhaustedError("no room"); };
  EXPECT_THAT(store_->CreateBackup(request),
              StatusIs(StatusCode::kResourceExhausted, HasSubstr("no room")));
  EXPECT_THAT(Ids(), IsEmpty());
  EXPECT_OK(Create());
}

// A reason that comes up while it is asked for is not missed: it is asked once a stop is heard.
TEST_F(BackupTest, OneThatIsStoppedWhileItIsAskedWhetherItMayIsStopped) {
  ASSERT_NO_FATAL_FAILURE(Open());
  BackupRequest request;
  request.may_begin = [this] {
    store_->StopBackups(absl::ResourceExhaustedError("no room"), /*for_good=*/false);
    return absl::OkStatus();
  };
  EXPECT_THAT(store_->CreateBackup(request),
              StatusIs(StatusCode::kResourceExhausted, HasSubstr("no room")));
  EXPECT_THAT(Ids(), IsEmpty());
}

TEST_F(BackupTest, FoldersThatAreMadeAreForTheirOwnerAlone) {
  ASSERT_NO_FATAL_FAILURE(Open());
  ASSERT_OK(Create());
  ASSERT_NE(RestoreAndOpen(1), nullptr);
  for (const std::string& folder : {data(), backups(), restored()}) {
    EXPECT_EQ(fs::status(folder).permissions(), fs::perms::owner_all) << folder;
  }
}

TEST_F(BackupTest, FoldersThatAreThereKeepTheirModes) {
  const fs::perms shared = fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec;
  for (const std::string& folder : {data(), backups()}) {
    fs::create_directory(folder);
    fs::permissions(folder, shared);
  }
  ASSERT_NO_FATAL_FAILURE(Open());
  ASSERT_OK(Create());
  for (const std::string& folder : {data(), backups()}) {
    EXPECT_EQ(fs::status(folder).permissions(), shared) << folder;
  }
}

TEST_F(BackupTest, WithoutAFolderForThemNoneIsMade) {
  RocksStoreOptions options;
  options.data_dir = data();
  auto store = RocksStore::Open(options);
  ASSERT_OK(store);
  EXPECT_THAT((*store)->CreateBackup({}),
              StatusIs(StatusCode::kFailedPrecondition, HasSubstr("--backup-dir")));
  EXPECT_THAT((*store)->ListBackups(),
              StatusIs(StatusCode::kFailedPrecondition, HasSubstr("--backup-dir")));
}

TEST_F(BackupTest, BeforeTheFirstThereAreNone) {
  ASSERT_NO_FATAL_FAILURE(Open());
  EXPECT_THAT(Ids(), IsEmpty());
}

// The copy of the log is held up.
class HeldBackupTest : public BackupTest {
 protected:
  void BeginOne() {
    ASSERT_NO_FATAL_FAILURE(Open());
    ASSERT_NO_FATAL_FAILURE(Put("before", "a"));
    files_->faults().Add({.what = Fault::What::kHold, .call = Call::kCreate, .ending = ".log"});
    made_ = std::async(std::launch::async, [this] { return Create(); });
    ASSERT_TRUE(files_->faults().WaitUntilHeld());
  }
  ~HeldBackupTest() override { files_->faults().Clear(); }

  std::future<absl::StatusOr<MadeBackup>> made_;
};

TEST_F(HeldBackupTest, TheStoreGoesOnAndNoSecondOneBegins) {
  ASSERT_NO_FATAL_FAILURE(BeginOne());
  ASSERT_NO_FATAL_FAILURE(Put("meanwhile", "b"));
  EXPECT_EQ(ReadText(*store_, kSession, "meanwhile"), "b");
  EXPECT_THAT(Create(), StatusIs(StatusCode::kFailedPrecondition, HasSubstr("already")));
  const auto listing = store_->ListBackups();
  ASSERT_OK(listing);
  EXPECT_TRUE(listing->running);
  EXPECT_THAT(listing->backups, IsEmpty());
  files_->faults().Release();
  ASSERT_OK(made_.get());
  EXPECT_THAT(Ids(), ElementsAre(1));
  EXPECT_EQ(ReadText(*RestoreAndOpen(1), kSession, "before"), "a");
}

TEST_F(HeldBackupTest, OneThatIsStoppedLeavesNothingAndSaysWhy) {
  ASSERT_NO_FATAL_FAILURE(BeginOne());
  store_->StopBackups(absl::UnavailableError("enough"), /*for_good=*/false);
  files_->faults().Release();
  EXPECT_THAT(made_.get(), StatusIs(StatusCode::kUnavailable, HasSubstr("enough")));
  EXPECT_THAT(Ids(), IsEmpty());
  ASSERT_NO_FATAL_FAILURE(Put("after", "c"));
  ASSERT_OK(Create());
  store_->StopBackups(absl::UnavailableError("over"), /*for_good=*/true);
  EXPECT_THAT(Create(), StatusIs(StatusCode::kUnavailable, HasSubstr("over")));
}

TEST_F(BackupTest, OneThatFindsNoSpaceLeavesTheStoreAlone) {
  ASSERT_NO_FATAL_FAILURE(Open());
  ASSERT_NO_FATAL_FAILURE(Put("before", "a"));
  files_->faults().SetFreeBytes(100);
  EXPECT_THAT(Create(), StatusIs(StatusCode::kResourceExhausted, HasSubstr("disk is full")));
  files_->faults().EndFullDisk();
  ASSERT_NO_FATAL_FAILURE(Put("after", "b"));
  const auto made = Create();
  ASSERT_OK(made);
  EXPECT_EQ(Ids().size(), 1u);
  EXPECT_EQ(ReadText(*RestoreAndOpen(0), kSession, "after"), "b");
}

}  // namespace
}  // namespace sessionhub::hub
