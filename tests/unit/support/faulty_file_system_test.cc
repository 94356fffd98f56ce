// What FaultyFileSystem and the LossyFileSystem below it promise, one by one.
#include "tests/support/faulty_file_system.h"

#include <absl/synchronization/notification.h>
#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "tests/support/notification.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::testing {
namespace {

namespace fs = ::std::filesystem;

class FaultyFileSystemTest : public ::testing::Test {
 protected:
  FaultyFileSystemTest() {
    fs::create_directory(folder_.path() + "/attic");
    files_ = std::make_shared<FaultyFileSystem>(folder_.path() + "/attic");
    env_ = rocksdb::NewCompositeEnv(files_);
    EXPECT_TRUE(env_->CreateDir(dir()).ok());
    EXPECT_TRUE(SyncFolder(folder_.path()).ok());
  }

  std::string dir() const { return folder_.path() + "/dir"; }
  std::string In(const std::string& name) const { return dir() + "/" + name; }
  Faults& faults() { return files_->faults(); }

  std::unique_ptr<rocksdb::WritableFile> Create(const std::string& name) {
    std::unique_ptr<rocksdb::WritableFile> file;
    EXPECT_TRUE(env_->NewWritableFile(In(name), &file, rocksdb::EnvOptions()).ok());
    return file;
  }
  // A file that is there for good.
  void Store(const std::string& name, const std::string& content) {
    const auto file = Create(name);
    ASSERT_TRUE(file->Append(content).ok());
    ASSERT_TRUE(file->Sync().ok());
    ASSERT_TRUE(SyncFolder(dir()).ok());
  }
  rocksdb::Status SyncFolder(const std::string& path) {
    std::unique_ptr<rocksdb::Directory> directory;
    EXPECT_TRUE(env_->NewDirectory(path, &directory).ok());
    return directory->Fsync();
  }
  // "none" if there is no such file.
  std::string Read(const std::string& name) {
    std::string content;
    const rocksdb::Status status = rocksdb::ReadFileToString(env_.get(), In(name), &content);
    if (status.IsPathNotFound() || status.IsNotFound()) return "none";
    EXPECT_TRUE(status.ok()) << status.ToString();
    return content;
  }
  void CutPower(const LossyFileSystem::Torn& torn = nullptr) {
    files_->CutPower();
    files_->Restart(torn);
  }

  const TemporaryFolder folder_{TemporaryFolder::InMemory()};
  std::shared_ptr<FaultyFileSystem> files_;
  std::unique_ptr<rocksdb::Env> env_;
};

TEST_F(FaultyFileSystemTest, ACrashDropsEveryByteThatIsNotSynced) {
  auto file = Create("a");
  ASSERT_TRUE(file->Append("kept").ok());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(SyncFolder(dir()).ok());
  ASSERT_TRUE(file->Append("lost").ok());
  file.reset();
  EXPECT_EQ(Read("a"), "keptlost");
  CutPower();
  EXPECT_EQ(Read("a"), "kept");
}

TEST_F(FaultyFileSystemTest, ATornCrashKeepsABeginningOfWhatIsNotSynced) {
  Store("a", "kept");
  auto file = Create("b");
  ASSERT_TRUE(file->Append("kept").ok());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(SyncFolder(dir()).ok());
  ASSERT_TRUE(file->Append("perhaps").ok());
  file.reset();
  uint64_t told = 0;
  CutPower([&](const std::string& path, uint64_t unsynced_bytes) {
    if (path == In("b")) told = unsynced_bytes;
    return uint64_t{3};
  });
  EXPECT_EQ(told, 7u);
  EXPECT_EQ(Read("a"), "kept");
  EXPECT_EQ(Read("b"), "keptper");
}

TEST_F(FaultyFileSystemTest, ACrashTakesBackEveryEntryThatIsNotSynced) {
  Store("renamed", "1");
  Store("deleted", "2");
  Store("replaced", "old");
  Create("made")->Sync();
  ASSERT_TRUE(env_->RenameFile(In("renamed"), In("replaced")).ok());
  ASSERT_TRUE(env_->DeleteFile(In("deleted")).ok());
  EXPECT_EQ(Read("replaced"), "1");
  EXPECT_EQ(Read("deleted"), "none");
  CutPower();
  EXPECT_EQ(Read("made"), "none");
  EXPECT_EQ(Read("renamed"), "1");
  EXPECT_EQ(Read("deleted"), "2");
  EXPECT_EQ(Read("replaced"), "old");
}

TEST_F(FaultyFileSystemTest, EntriesThatAreSyncedStay) {
  Store("renamed", "1");
  Store("deleted", "2");
  ASSERT_TRUE(env_->RenameFile(In("renamed"), In("new")).ok());
  ASSERT_TRUE(env_->DeleteFile(In("deleted")).ok());
  ASSERT_TRUE(SyncFolder(dir()).ok());
  CutPower();
  EXPECT_EQ(Read("renamed"), "none");
  EXPECT_EQ(Read("new"), "1");
  EXPECT_EQ(Read("deleted"), "none");
}

TEST_F(FaultyFileSystemTest, AFolderThatIsNotSyncedTakesItsFilesWithIt) {
  ASSERT_TRUE(env_->CreateDir(In("sub")).ok());
  Store("sub/a", "x");
  ASSERT_TRUE(SyncFolder(In("sub")).ok());
  CutPower();
  EXPECT_EQ(Read("sub/a"), "x") << "Store synced the folder above it";
  ASSERT_TRUE(env_->CreateDir(In("other")).ok());
  Create("other/a")->Sync();
  ASSERT_TRUE(SyncFolder(In("other")).ok());
  CutPower();
  EXPECT_EQ(Read("other/a"), "none");
}

TEST_F(FaultyFileSystemTest, NothingBecomesDurableOnceThePowerIsCut) {
  auto file = Create("a");
  ASSERT_TRUE(SyncFolder(dir()).ok());
  faults().Add({.what = Fault::What::kCutPower, .call = Call::kSync, .nth = 2});
  ASSERT_TRUE(file->Append("1").ok());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(file->Append("2").ok());
  ASSERT_TRUE(file->Sync().ok()) << "nobody notices";
  EXPECT_TRUE(files_->power_is_cut());
  file.reset();
  files_->Restart([](const std::string&, uint64_t) { return uint64_t{0}; });
  EXPECT_EQ(Read("a"), "1");
}

TEST_F(FaultyFileSystemTest, TheNthCallOfAKindFailsOnceOrForGood) {
  for (const bool forever : {false, true}) {
    faults().Add({.call = Call::kAppend, .nth = 2, .forever = forever, .ending = "log"});
    const auto log = Create("log");
    const auto other = Create("other");
    EXPECT_TRUE(log->Append("1").ok());
    EXPECT_TRUE(other->Append("1").ok());
    EXPECT_TRUE(other->Append("2").ok()) << "another file";
    EXPECT_TRUE(log->Append("2").IsIOError());
    EXPECT_EQ(log->Append("3").ok(), !forever);
    EXPECT_EQ(faults().struck(), forever ? 2u : 1u);
    EXPECT_EQ(Read("log"), forever ? "1" : "13");
    faults().Clear();
    EXPECT_EQ(faults().struck(), 0u);
    EXPECT_TRUE(log->Append("4").ok());
  }
}

// Each call in turn, by its name and by nothing else.
TEST_F(FaultyFileSystemTest, EachKindOfCallFailsByItself) {
  Store("a", "x");
  for (int i = 0; i < kCalls; ++i) {
    const Call call = static_cast<Call>(i);
    SCOPED_TRACE(NameOf(call));
    faults().Add({.call = call, .forever = true});
    std::string content;
    std::unique_ptr<rocksdb::WritableFile> made;
    const bool read = rocksdb::ReadFileToString(env_.get(), In("a"), &content).ok();
    EXPECT_EQ(read, call != Call::kOpen && call != Call::kRead);
    const bool created = env_->NewWritableFile(In("b"), &made, rocksdb::EnvOptions()).ok();
    EXPECT_EQ(created, call != Call::kCreate);
    if (created) {
      EXPECT_EQ(made->Append("x").ok(), call != Call::kAppend);
      EXPECT_EQ(made->Sync().ok(), call != Call::kSync);
      EXPECT_EQ(env_->RenameFile(In("b"), In("c")).ok(), call != Call::kRename);
    }
    EXPECT_EQ(SyncFolder(dir()).ok(), call != Call::kSyncFolder);
    EXPECT_EQ(env_->CreateDir(In("sub-") + NameOf(call)).ok(), call != Call::kCreateFolder);
    EXPECT_EQ(env_->DeleteFile(In(env_->FileExists(In("c")).ok() ? "c" : "a")).ok(),
              call != Call::kDelete);
    faults().Clear();
    Store("a", "x");
  }
}

TEST_F(FaultyFileSystemTest, AFailedSyncLosesWhatItShouldHaveSyncedForGood) {
  auto file = Create("a");
  ASSERT_TRUE(SyncFolder(dir()).ok());
  ASSERT_TRUE(file->Append("1").ok());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(file->Append("2").ok());
  faults().Add({.call = Call::kSync});
  EXPECT_FALSE(file->Sync().ok());
  EXPECT_TRUE(file->Sync().ok());
  file.reset();
  CutPower();
  EXPECT_EQ(Read("a"), "1");
}

TEST_F(FaultyFileSystemTest, ACallCanBeDoneAndToldToHaveFailed) {
  auto file = Create("a");
  ASSERT_TRUE(SyncFolder(dir()).ok());
  faults().Add({.call = Call::kAppend, .done = true});
  faults().Add({.call = Call::kSync, .done = true});
  EXPECT_FALSE(file->Append("1").ok());
  EXPECT_FALSE(file->Sync().ok());
  file.reset();
  CutPower();
  EXPECT_EQ(Read("a"), "1");
}

TEST_F(FaultyFileSystemTest, AHeldCallWaitsForItsReleaseAndHoldsUpNobodyElse) {
  Store("other", "x");
  auto file = Create("a");
  ASSERT_TRUE(SyncFolder(dir()).ok());
  ASSERT_TRUE(file->Append("1").ok());
  faults().Add({.what = Fault::What::kHold, .call = Call::kSync, .ending = "a"});
  testing::Notification synced;
  std::thread waits([&] {
    EXPECT_TRUE(file->Sync().ok());
    synced.Notify();
  });
  ASSERT_TRUE(faults().WaitUntilHeld());
  EXPECT_EQ(Read("other"), "x");
  Store("other", "y");
  EXPECT_FALSE(synced.HasBeenNotified());
  faults().Release();
  waits.join();
  EXPECT_TRUE(file->Sync().ok()) << "a release ends it";
}

TEST_F(FaultyFileSystemTest, AFullDiskTakesWhatFitsUntilThereIsSpaceAgain) {
  const auto file = Create("a");
  faults().SetFreeBytes(6);
  EXPECT_TRUE(file->Append("1234").ok());
  EXPECT_TRUE(file->Append("5678").IsNoSpace());
  EXPECT_EQ(Read("a"), "123456");
  EXPECT_TRUE(file->Append("5678").IsNoSpace());
  std::unique_ptr<rocksdb::WritableFile> made;
  EXPECT_TRUE(env_->NewWritableFile(In("b"), &made, rocksdb::EnvOptions()).IsNoSpace());
  EXPECT_TRUE(env_->CreateDir(In("sub")).IsNoSpace());
  EXPECT_EQ(faults().struck(), 4u);
  faults().EndFullDisk();
  EXPECT_TRUE(file->Append("78").ok());
  EXPECT_EQ(Read("a"), "12345678");
}

TEST_F(FaultyFileSystemTest, AByteIsFlippedWhereverItIsRead) {
  Store("a", "0123456789");
  Store("b", "0123456789");
  files_->FlipReads("a", 4, 1);
  EXPECT_EQ(Read("a"), "0123556789");
  EXPECT_EQ(Read("b"), "0123456789");
  std::unique_ptr<rocksdb::RandomAccessFile> file;
  ASSERT_TRUE(env_->NewRandomAccessFile(In("a"), &file, rocksdb::EnvOptions()).ok());
  char scratch[10];
  rocksdb::Slice read;
  ASSERT_TRUE(file->Read(3, 3, &read, scratch).ok());
  EXPECT_EQ(read.ToString(), "355");
  ASSERT_TRUE(file->Read(5, 3, &read, scratch).ok());
  EXPECT_EQ(read.ToString(), "567");
  files_->FlipReads("a", 4, 0);
  EXPECT_EQ(Read("a"), "0123456789") << "nothing has changed on the disk";
}

}  // namespace
}  // namespace sessionhub::testing
