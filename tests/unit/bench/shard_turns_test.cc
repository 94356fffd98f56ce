// What raw RocksDB is given to write is what the shard has written.
#include "bench/limits/shard_turns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/limits/raw_store.h"
#include "hub/store/columns.h"
#include "hub/store/rocks_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::bench {
namespace {

using ::testing::ElementsAreArray;
using ::testing::SizeIs;

// Keys and values of a column of the closed database in `folder`.
std::vector<std::pair<std::string, std::string>> ContentOf(const std::string& folder,
                                                           hub::Column column) {
  const hub::RocksStoreOptions options;
  hub::ColumnHandles handles;
  rocksdb::DB* opened = nullptr;
  EXPECT_TRUE(rocksdb::DB::OpenForReadOnly(hub::MakeDbOptions(options, nullptr), folder,
                                           hub::MakeColumns(options), &handles, &opened)
                  .ok());
  const std::unique_ptr<rocksdb::DB> db(opened);
  std::vector<std::pair<std::string, std::string>> content;
  const std::unique_ptr<rocksdb::Iterator> record(
      db->NewIterator(rocksdb::ReadOptions(), hub::HandleOf(handles, column)));
  for (record->SeekToFirst(); record->Valid(); record->Next()) {
    content.emplace_back(record->key().ToString(), record->value().ToString());
  }
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    EXPECT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
  }
  return content;
}

class ShardTurnsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    hub::RocksStoreOptions options;
    options.data_dir = folder_.path() + "/shard";
    auto store = hub::RocksStore::Open(options);
    ASSERT_OK(store);
    store_ = *std::move(store);
    auto raw = RawStore::Make(folder_.path() + "/raw");
    ASSERT_OK(raw);
    raw_ = *std::move(raw);
    journal_ = std::make_unique<RecordingJournal>(&raw_->handles());
    turns_ = std::make_unique<ShardTurns>(store_.get(), journal_.get());
  }

  const testing::TemporaryFolder folder_{testing::TemporaryFolder::InMemory()};
  std::unique_ptr<hub::RocksStore> store_;
  std::unique_ptr<RawStore> raw_;
  std::unique_ptr<RecordingJournal> journal_;
  std::unique_ptr<ShardTurns> turns_;
};

TEST_F(ShardTurnsTest, TheRecordedBatchesMakeTheSameDatabase) {
  journal_->Record(true);
  ASSERT_OK(turns_->Open());
  for (const size_t commits : {1, 256, 256}) ASSERT_OK(turns_->Run(commits));
  for (rocksdb::WriteBatch& batch : journal_->TakeBatches()) ASSERT_OK(raw_->Write(&batch));
  turns_.reset();
  store_.reset();
  raw_.reset();
  // The first column holds also what makes a folder one of the hub's.
  for (const hub::ColumnRow& row : hub::kColumnRows) {
    if (row.column == hub::Column::kHub) continue;
    const auto raw = ContentOf(folder_.path() + "/raw", row.column);
    EXPECT_THAT(ContentOf(folder_.path() + "/shard/db", row.column), ElementsAreArray(raw))
        << row.name;
    EXPECT_THAT(raw, SizeIs(row.column == hub::Column::kFields ? 513 : raw.size()));
  }
}

TEST_F(ShardTurnsTest, EveryTurnIsOneSyncedBatch) {
  ASSERT_OK(turns_->Open());
  const uint64_t syncs = store_->statistics().syncs;
  ASSERT_OK(turns_->Run(32));
  EXPECT_THAT(journal_->TakeBatches(), SizeIs(0)) << "nothing is recorded unless it is asked for";
  journal_->Record(true);
  ASSERT_OK(turns_->Run(32));
  EXPECT_THAT(journal_->TakeBatches(), SizeIs(1));
  EXPECT_EQ(store_->statistics().syncs, syncs + 2);
}

TEST_F(ShardTurnsTest, SessionsAreWrittenAgainWhenAllHaveHadTheirTurn) {
  ASSERT_OK(turns_->Open());
  for (int i = 0; i < 3; ++i) ASSERT_OK(turns_->Run(ShardTurns::kSessions));
}

TEST_F(ShardTurnsTest, ARawStoreIsMadeAnew) {
  EXPECT_FALSE(RawStore::Make(folder_.path() + "/raw").ok());
}

}  // namespace
}  // namespace sessionhub::bench
