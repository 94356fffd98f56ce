// What was deleted or replaced: which tables are looked at again, and that the bytes are gone from
// every file of the folder then.
#include "hub/store/deleted_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/statistics.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "hub/store/columns.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/turn_records.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::EraseField;
using ::sessionhub::testing::PutField;
using ::sessionhub::testing::TemporaryFolder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

namespace fs = ::std::filesystem;

// ---- which tables ----

constexpr uint64_t kNowS = 1'000'000;
constexpr uint64_t kAgeS = 1'000;
constexpr uint64_t kOldS = kNowS - kAgeS;  // a table of then is just old enough
constexpr uint64_t kYoungS = kOldS + 1;

rocksdb::LiveFileMetaData TableOf(int level, const std::string& first, const std::string& last,
                                  uint64_t ancestor_s, uint64_t created_s, uint64_t seqno) {
  rocksdb::LiveFileMetaData table;
  table.level = level;
  table.smallestkey = first;
  table.largestkey = last;
  table.oldest_ancester_time = ancestor_s;
  table.file_creation_time = created_s;
  table.largest_seqno = seqno;
  return table;
}

std::vector<SlotRun> Runs(const std::vector<rocksdb::LiveFileMetaData>& tables) {
  return OldRuns(tables, kNowS, kAgeS);
}

TEST(OldRunsTest, ATableOfLevelZeroIsOldByItsOldestAncestor) {
  EXPECT_THAT(Runs({TableOf(0, "a", "c", kOldS, kNowS, 9)}), ElementsAre(SlotRun{'a', 'c', false}));
  EXPECT_THAT(Runs({TableOf(0, "a", "c", kYoungS, kOldS, 9)}), IsEmpty());
}

TEST(OldRunsTest, WithoutAnAncestorItsOwnTimeCounts) {
  EXPECT_THAT(Runs({TableOf(0, "a", "a", 0, kOldS, 9)}), ElementsAre(SlotRun{'a', 'a', false}));
  EXPECT_THAT(Runs({TableOf(0, "a", "a", 0, kYoungS, 9)}), IsEmpty());
}

TEST(OldRunsTest, TheLowestLevelIsDoneOnceItHasNoOrder) {
  EXPECT_THAT(Runs({TableOf(6, "a", "c", kOldS, kOldS, 0)}), IsEmpty());
}

TEST(OldRunsTest, TheLowestLevelIsLookedAtAgainWhereASnapshotHasKeptVersions) {
  EXPECT_THAT(Runs({TableOf(6, "a", "c", kOldS, kOldS, 9)}), ElementsAre(SlotRun{'a', 'c', true}));
  // One try for each age, or a snapshot that is held would make each look rewrite it.
  EXPECT_THAT(Runs({TableOf(6, "a", "c", kOldS, kYoungS, 9)}), IsEmpty());
}

TEST(OldRunsTest, WhatLiesAboveOthersMustComeDown) {
  const auto above = TableOf(5, "b", "d", kOldS, kNowS, 0);
  EXPECT_THAT(Runs({above, TableOf(6, "d", "f", kOldS, kNowS, 0)}),
              ElementsAre(SlotRun{'b', 'd', false}));
  EXPECT_THAT(Runs({above, TableOf(6, "e", "f", kOldS, kNowS, 0)}), IsEmpty());
}

TEST(OldRunsTest, RunsThatTouchAreOne) {
  EXPECT_THAT(Runs({TableOf(0, "a", "c", kOldS, kOldS, 9), TableOf(0, "d", "f", kOldS, kOldS, 9),
                    TableOf(0, "h", "h", kOldS, kOldS, 9)}),
              ElementsAre(SlotRun{'a', 'f', false}, SlotRun{'h', 'h', false}));
}

TEST(OldRunsTest, TheLastSlotIsOneLikeAnyOther) {
  EXPECT_THAT(Runs({TableOf(0, "\xfe", "\xff\x01", kOldS, kOldS, 9)}),
              ElementsAre(SlotRun{0xfe, 0xff, false}));
}

// ---- the bytes ----

constexpr SessionNumber kSession = MakeSessionNumber(7, 1);
constexpr SessionNumber kOther = MakeSessionNumber(9, 1);
// Nothing in it repeats, so that no compression takes it apart.
constexpr char kMarker[] = "Zq8vK2mTx5bRw9LcYd3HfGj7NsPu4XeA";
constexpr uint64_t kLater = std::numeric_limits<uint32_t>::max();  // long after any file's time

class DeletedDataTest : public ::testing::Test {
 protected:
  DeletedDataTest() {
    RocksStoreOptions options;
    rocksdb::DBOptions db_options = MakeDbOptions(options, rocksdb::CreateDBStatistics());
    db_options.create_if_missing = true;
    db_options.create_missing_column_families = true;
    rocksdb::DB* db = nullptr;
    const rocksdb::Status status =
        rocksdb::DB::Open(db_options, folder_.path(), MakeColumns(options), &handles_, &db);
    EXPECT_TRUE(status.ok()) << status.ToString();
    db_.reset(db);
  }
  ~DeletedDataTest() override {
    for (rocksdb::ColumnFamilyHandle* handle : handles_) {
      EXPECT_TRUE(db_->DestroyColumnFamilyHandle(handle).ok());
    }
  }

  void Apply(const TurnRecord& record) {
    rocksdb::WriteBatch batch = MakeRecordBatch(record, handles_);
    ASSERT_TRUE(db_->Write(rocksdb::WriteOptions(), &batch).ok());
  }
  void Flush() { ASSERT_TRUE(db_->Flush(rocksdb::FlushOptions(), handles_).ok()); }
  // The marker and its neighbours lie in the lowest level, as in a hub that runs for long.
  void PutMarkerInLowestLevel() {
    Apply(PutField(kOther, "a", "before"));
    Apply(PutField(kSession, "cart", kMarker));
    Flush();
    rocksdb::CompactRangeOptions all;
    all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    ASSERT_TRUE(db_->CompactRange(all, HandleOf(handles_, Column::kFields), nullptr, nullptr).ok());
  }
  size_t Rewrite(uint64_t age_s = 0, bool flush = true) {
    std::atomic<bool> stop = false;
    const absl::StatusOr<size_t> runs =
        RewriteOld(db_.get(), handles_, kLater, age_s, flush, &stop);
    EXPECT_OK(runs);
    return runs.value_or(0);
  }
  // Names of the files that hold the marker.
  std::vector<std::string> FilesWithMarker() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(file), {}};
      if (bytes.find(kMarker) != std::string::npos) found.push_back(entry.path().filename());
    }
    return found;
  }

  const TemporaryFolder folder_{TemporaryFolder::InMemory()};
  std::unique_ptr<rocksdb::DB> db_;
  ColumnHandles handles_;
};

TEST_F(DeletedDataTest, AnErasedFieldIsInNoFileAnyMore) {
  ASSERT_NO_FATAL_FAILURE(PutMarkerInLowestLevel());
  Apply(EraseField(kSession, "cart"));
  ASSERT_NO_FATAL_FAILURE(Flush());
  ASSERT_THAT(FilesWithMarker(), SizeIs(1));  // RocksDB itself lets it lie
  EXPECT_EQ(Rewrite(), 1u);
  EXPECT_THAT(FilesWithMarker(), IsEmpty());
}

TEST_F(DeletedDataTest, SoIsAValueThatWasReplaced) {
  ASSERT_NO_FATAL_FAILURE(PutMarkerInLowestLevel());
  Apply(PutField(kSession, "cart", "another"));
  ASSERT_NO_FATAL_FAILURE(Flush());
  ASSERT_THAT(FilesWithMarker(), SizeIs(1));
  Rewrite();
  EXPECT_THAT(FilesWithMarker(), IsEmpty());
}

TEST_F(DeletedDataTest, TheLogIsFlushedOnlyIfThatIsAsked) {
  Apply(PutField(kSession, "cart", kMarker));
  Apply(EraseField(kSession, "cart"));
  ASSERT_THAT(FilesWithMarker(), SizeIs(1));
  EXPECT_EQ(Rewrite(/*age_s=*/0, /*flush=*/false), 0u);
  ASSERT_THAT(FilesWithMarker(), SizeIs(1));
  Rewrite();
  EXPECT_THAT(FilesWithMarker(), IsEmpty());
}

TEST_F(DeletedDataTest, WhatIsYoungIsLeftToRocksDb) {
  ASSERT_NO_FATAL_FAILURE(PutMarkerInLowestLevel());
  Apply(EraseField(kSession, "cart"));
  EXPECT_EQ(Rewrite(/*age_s=*/kLater), 0u);
  EXPECT_THAT(FilesWithMarker(), SizeIs(1));
}

TEST_F(DeletedDataTest, WhatASnapshotHasKeptGoesOnceItIsReleased) {
  ASSERT_NO_FATAL_FAILURE(PutMarkerInLowestLevel());
  const rocksdb::Snapshot* snapshot = db_->GetSnapshot();
  Apply(PutField(kSession, "cart", "another"));
  Rewrite();
  EXPECT_THAT(FilesWithMarker(), SizeIs(1));
  db_->ReleaseSnapshot(snapshot);
  Rewrite();
  EXPECT_THAT(FilesWithMarker(), IsEmpty());
}

TEST_F(DeletedDataTest, WhatIsDoneIsNotDoneAgain) {
  for (uint64_t time_us = 1; time_us <= 3; ++time_us) {  // merged, not put
    TurnRecord record;
    record.hub_time = time_us;
    Apply(record);
    ASSERT_NO_FATAL_FAILURE(Flush());
  }
  for (int session = 1; session <= 300; ++session) {
    Apply(PutField(MakeSessionNumber(static_cast<Slot>(session % 256), session), "a", "text"));
    if (session % 100 == 0) {
      ASSERT_NO_FATAL_FAILURE(Flush());
    }
  }
  EXPECT_GT(Rewrite(), 0u);
  Rewrite();  // tables that were only moved
  EXPECT_EQ(Rewrite(), 0u);
}

TEST_F(DeletedDataTest, AStopEndsIt) {
  ASSERT_NO_FATAL_FAILURE(PutMarkerInLowestLevel());
  Apply(EraseField(kSession, "cart"));
  std::atomic<bool> stop = true;
  const auto runs = RewriteOld(db_.get(), handles_, kLater, 0, /*flush=*/true, &stop);
  ASSERT_OK(runs);
  EXPECT_EQ(*runs, 0u);
  EXPECT_THAT(FilesWithMarker(), SizeIs(1));
}

}  // namespace
}  // namespace sessionhub::hub
