#include "hub/space_watch.h"

#include <filesystem>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::hub {
namespace {

using Change = SpaceWatch::Change;
using ::testing::HasSubstr;
using testing::StatusIs;

class SpaceWatchTest : public ::testing::Test {
 protected:
  absl::StatusOr<Change> LookAt(uint64_t free_bytes) {
    free_bytes_ = free_bytes;
    return watch_.Look();
  }

  absl::StatusOr<uint64_t> free_bytes_ = 0;
  SpaceWatch watch_{1600, [this] { return free_bytes_; }};
};

TEST_F(SpaceWatchTest, GrowthWaitsBelowTheLimit) {
  EXPECT_FALSE(watch_.growth_waits());
  EXPECT_EQ(*LookAt(1600), Change::kNone);
  EXPECT_EQ(*LookAt(1599), Change::kGrowthWaits);
  EXPECT_TRUE(watch_.growth_waits());
  EXPECT_EQ(watch_.free_bytes(), 1599u);
  EXPECT_EQ(*LookAt(0), Change::kNone);
}

TEST_F(SpaceWatchTest, GrowthGoesOnWithASixteenthMore) {
  ASSERT_OK(LookAt(1599));
  EXPECT_EQ(*LookAt(1699), Change::kNone);
  EXPECT_TRUE(watch_.growth_waits());
  EXPECT_EQ(*LookAt(1700), Change::kGrowthGoesOn);
  EXPECT_FALSE(watch_.growth_waits());
  EXPECT_EQ(*LookAt(1600), Change::kNone);
}

TEST_F(SpaceWatchTest, AnotherLimitHoldsFromTheNextLookOn) {
  ASSERT_OK(LookAt(1000));
  watch_.SetFreeBytesMin(500);
  EXPECT_TRUE(watch_.growth_waits());
  EXPECT_EQ(*LookAt(1000), Change::kGrowthGoesOn);
  watch_.SetFreeBytesMin(2000);
  EXPECT_EQ(*LookAt(1000), Change::kGrowthWaits);
  watch_.SetFreeBytesMin(0);
  EXPECT_EQ(*LookAt(1000), Change::kGrowthGoesOn);
  EXPECT_EQ(*LookAt(0), Change::kNone);
}

TEST(SpaceWatchOfManyTest, GrowthGoesOnWith64MiBMoreAtTheMost) {
  constexpr uint64_t kGiB = 1 << 30;
  uint64_t free_bytes = 100 * kGiB - 1;
  SpaceWatch watch(100 * kGiB, [&free_bytes] { return free_bytes; });
  EXPECT_EQ(*watch.Look(), Change::kGrowthWaits);
  free_bytes = 100 * kGiB + (64 << 20);
  EXPECT_EQ(*watch.Look(), Change::kGrowthGoesOn);
}

TEST_F(SpaceWatchTest, WhatCannotBeToldChangesNothing) {
  ASSERT_OK(LookAt(1599));
  free_bytes_ = absl::UnavailableError("no such disk");
  EXPECT_THAT(watch_.Look(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("no such disk")));
  EXPECT_TRUE(watch_.growth_waits());
}

TEST(SpaceWatchWithoutTest, ALimitOrADiskGrowthNeverWaits) {
  SpaceWatch no_limit(0, [] { return uint64_t{0}; });
  EXPECT_EQ(*no_limit.Look(), Change::kNone);
  SpaceWatch no_disk(1600, nullptr);
  EXPECT_EQ(*no_disk.Look(), Change::kNone);
}

TEST(FreeSpaceOfTest, ARealFolderHasSome) {
  testing::TemporaryFolder folder;
  const absl::StatusOr<uint64_t> free_bytes = FreeSpaceOf(folder.path())();
  ASSERT_OK(free_bytes);
  EXPECT_GT(*free_bytes, 0u);
  EXPECT_THAT(FreeSpaceOf(folder.path() + "/none")(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr(folder.path() + "/none")));
}

TEST(OnOneDiskTest, FoldersOfOneDiskAndOthersAreToldApart) {
  EXPECT_TRUE(OnOneDisk("/", "/."));
  EXPECT_FALSE(OnOneDisk("/", "/proc"));
  EXPECT_TRUE(OnOneDisk("/", "/no/such/folder")) << "it cannot be told";
}

}  // namespace
}  // namespace sessionhub::hub
