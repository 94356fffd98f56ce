// An upgrade that is finalized while the power goes: whichever call is the last, the folder opens
// with the earlier or the later format, with every record, and FORMAT is never behind the record.
#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>

#include "hub/store/rocks_store.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/turn_records.h"

namespace sessionhub::hub {
namespace {

using testing::Call;
using testing::Fault;
using testing::FaultyFileSystem;
using testing::PutField;
using testing::ReadText;
using testing::TemporaryFolder;

constexpr SessionNumber kSession = MakeSessionNumber(7, 1);
constexpr Formats kBefore{1, 1};
constexpr Formats kNext{1, 2};

// A folder of format 1 on a disk that forgets, with one field.
class FolderOnLossyDisk {
 public:
  FolderOnLossyDisk() {
    std::filesystem::create_directory(folder_.path() + "/attic");
    files_ = std::make_shared<FaultyFileSystem>(folder_.path() + "/attic");
    env_ = rocksdb::NewCompositeEnv(files_);
    auto store = Open(kBefore);
    EXPECT_OK(store);
    EXPECT_OK((*store)->Apply(PutField(kSession, "a", "x"), true));
  }

  FaultyFileSystem& files() { return *files_; }

  absl::StatusOr<std::unique_ptr<RocksStore>> Open(const Formats& formats) {
    RocksStoreOptions options;
    options.data_dir = folder_.path() + "/data";
    options.formats = formats;
    options.env = env_.get();
    options.fresh_history_id = HistoryId{1};
    options.block_cache_bytes = 1 << 20;
    return RocksStore::Open(options);
  }

  // What FORMAT says, as an older program reads it.
  char Format() const {
    std::ifstream file(folder_.path() + "/data/FORMAT");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return text.size() < 2 ? '?' : text[text.size() - 2];
  }

  // Finalizes, and loses power before the n-th call of that which changes the disk; unsynced bytes
  // survive or not. False if it makes fewer calls, and the power goes when it is done.
  bool FinalizeAndLosePower(uint64_t n, bool unsynced_survive) {
    auto store = Open(kNext);
    EXPECT_OK(store);
    EXPECT_OK((*store)->Apply(PutField(kSession, "b", "y"), true));
    files_->faults().Add({.what = Fault::What::kCutPower, .nth = n});
    EXPECT_OK((*store)->FinalizeFormat()) << "nobody notices that the power is gone";
    const bool cut = files_->power_is_cut();
    files_->CutPower();
    store->reset();
    files_->Restart([=](const std::string&, uint64_t unsynced_bytes) {
      return unsynced_survive ? unsynced_bytes : 0;
    });
    return cut;
  }

  // It opens with this format, and all that was applied is there.
  void Check(const Formats& formats, uint32_t format) {
    auto store = Open(formats);
    ASSERT_OK(store);
    EXPECT_EQ((*store)->format(), format);
    EXPECT_EQ((*store)->history_id(), HistoryId{1});
    EXPECT_EQ(ReadText(**store, kSession, "a"), "x");
    EXPECT_EQ(ReadText(**store, kSession, "b"), "y");
  }

 private:
  TemporaryFolder folder_{TemporaryFolder::InMemory()};
  std::shared_ptr<FaultyFileSystem> files_;
  std::unique_ptr<rocksdb::Env> env_;
};

class FinalizeCrashTest : public ::testing::TestWithParam<bool> {};

TEST_P(FinalizeCrashTest, EachCallLeavesTheOneFormatOrTheOther) {
  std::set<char> seen;
  bool is_done = false;
  for (uint64_t n = 1; !is_done && !HasFailure(); ++n) {
    SCOPED_TRACE("power lost before call " + std::to_string(n));
    FolderOnLossyDisk folder;
    is_done = !folder.FinalizeAndLosePower(n, GetParam());
    const char format = folder.Format();
    seen.insert(format);
    if (is_done) {
      EXPECT_EQ(format, '2') << "it was said to be finalized";
    }
    if (format == '2') {
      EXPECT_EQ(folder.Open(kBefore).status().code(), absl::StatusCode::kFailedPrecondition);
      folder.Check(kNext, 2);
    } else {
      folder.Check(kBefore, 1);  // FORMAT says 1, so nothing else says 2
    }
  }
  EXPECT_EQ(seen, (std::set<char>{'1', '2'}));
}

INSTANTIATE_TEST_SUITE_P(Unsynced, FinalizeCrashTest, ::testing::Bool(), [](const auto& survives) {
  return survives.param ? "Survives" : "IsLost";
});

// FORMAT is durable, the record is not written: the next open completes it.
TEST(FinalizeFailureTest, AFailedSyncOfTheRecordStopsTheStoreAndTheNextOpenCompletesIt) {
  FolderOnLossyDisk folder;
  {
    auto store = folder.Open(kNext);
    ASSERT_OK(store);
    ASSERT_OK((*store)->Apply(PutField(kSession, "b", "y"), true));
    folder.files().faults().Add({.call = Call::kSync, .ending = ".log"});
    const absl::Status failed = (*store)->FinalizeFormat();
    EXPECT_FALSE(failed.ok());
    EXPECT_EQ(folder.files().faults().struck(), 1u);
    EXPECT_EQ((*store)->format(), 1u);
    EXPECT_EQ((*store)->Apply(PutField(kSession, "c", "z"), true), failed);
    folder.files().CutPower();
  }
  folder.files().Restart();
  EXPECT_EQ(folder.Format(), '2');
  folder.Check(kNext, 2);
}

}  // namespace
}  // namespace sessionhub::hub
