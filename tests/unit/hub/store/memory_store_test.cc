// What MemoryStore can do that a Store need not: crash, fail, count.
#include "hub/store/memory_store.h"

#include "tests/support/status_matchers.h"
#include "tests/support/turn_records.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::PutField;
using ::sessionhub::testing::ReadText;
using ::sessionhub::testing::StatusIs;
using ::testing::HasSubstr;

constexpr SessionNumber kSession = MakeSessionNumber(7, 1);

class MemoryStoreTest : public ::testing::Test {
 protected:
  void Put(const std::string& path, bool sync) {
    ASSERT_OK(store_->Apply(PutField(kSession, path, "x"), sync));
  }
  bool Has(const std::string& path) { return ReadText(*store_, kSession, path).has_value(); }

  const std::unique_ptr<MemoryStore> store_ = MemoryStore::Create(HistoryId{});
};

TEST_F(MemoryStoreTest, ACrashKeepsWhatIsSynced) {
  Put("a", false);
  Put("b", true);
  Put("c", false);
  EXPECT_EQ(store_->unsynced_applies(), 1u);
  store_->Crash(0);
  EXPECT_TRUE(Has("a"));
  EXPECT_TRUE(Has("b"));
  EXPECT_FALSE(Has("c"));
  EXPECT_EQ(store_->unsynced_applies(), 0u);
}

TEST_F(MemoryStoreTest, ACrashLosesUnsyncedAppliesFromTheEnd) {
  for (const char* path : {"a", "b", "c"}) Put(path, false);
  store_->Crash(2);
  EXPECT_TRUE(Has("a"));
  EXPECT_TRUE(Has("b"));
  EXPECT_FALSE(Has("c"));
  // What survived one crash is on the disk.
  store_->Crash(0);
  EXPECT_TRUE(Has("b"));
}

TEST_F(MemoryStoreTest, FailedAppliesWriteNothing) {
  store_->FailApplies(absl::ResourceExhaustedError("disk full"));
  EXPECT_THAT(store_->Apply(PutField(kSession, "a", "x"), true),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("disk full")));
  EXPECT_FALSE(Has("a"));
  store_->FailApplies(absl::OkStatus());
  store_->Crash(0);
  Put("a", true);
  EXPECT_TRUE(Has("a"));
}

TEST_F(MemoryStoreTest, WhatAFailedSyncHasWrittenIsThereUntilACrash) {
  store_->FailSyncs(absl::InternalError("disk gone"));
  Put("a", false);
  EXPECT_THAT(store_->Apply(PutField(kSession, "b", "x"), true),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("disk gone")));
  EXPECT_TRUE(Has("a"));
  EXPECT_TRUE(Has("b"));
  EXPECT_EQ(store_->syncs(), 0u);
  store_->FailSyncs(absl::OkStatus());
  store_->Crash(0);
  EXPECT_FALSE(Has("a"));
  EXPECT_FALSE(Has("b"));
  Put("a", true);
  EXPECT_TRUE(Has("a"));
}

TEST_F(MemoryStoreTest, CountsSyncs) {
  Put("a", true);
  Put("b", false);
  Put("c", true);
  EXPECT_EQ(store_->syncs(), 2u);
}

}  // namespace
}  // namespace sessionhub::hub
