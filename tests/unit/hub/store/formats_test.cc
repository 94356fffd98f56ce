// The formats of a folder: which of them a program opens, and what an operator's step does to one.
#include "hub/store/formats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "hub/store/columns.h"
#include "hub/store/memory_store.h"
#include "hub/store/rocks_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/turn_records.h"

namespace sessionhub::hub {
namespace {

namespace fs = std::filesystem;
using absl::StatusCode;
using ::sessionhub::testing::PutField;
using ::sessionhub::testing::ReadText;
using ::sessionhub::testing::StatusIs;
using ::sessionhub::testing::TemporaryFolder;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr SessionNumber kSession = MakeSessionNumber(7, 1);

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class FormatsTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<RocksStore>> Open(const Formats& formats) {
    RocksStoreOptions options;
    options.data_dir = data();
    options.formats = formats;
    options.fresh_history_id = HistoryId{1};
    return RocksStore::Open(options);
  }
  // A folder of format `newest`, with one field.
  void MakeFolder(uint32_t newest) {
    auto store = Open({1, newest});
    ASSERT_OK(store);
    ASSERT_OK((*store)->Apply(PutField(kSession, "a", "x"), true));
  }
  void WriteFormat(const std::string& number) {
    std::ofstream(data() + "/FORMAT") << "sessionhub data folder, format " << number << "\n";
  }
  std::string data() const { return folder_.path() + "/data"; }
  std::string format() const { return ReadFile(data() + "/FORMAT"); }

  TemporaryFolder folder_;
};

TEST_F(FormatsTest, ANewFolderHasTheNewest) {
  auto store = Open({1, 3});
  ASSERT_OK(store);
  EXPECT_EQ((*store)->format(), 3u);
  EXPECT_EQ((*store)->newest_format(), 3u);
  EXPECT_EQ(format(), "sessionhub data folder, format 3\n");
}

TEST_F(FormatsTest, AnOlderFolderKeepsItsFormat) {
  MakeFolder(1);
  {
    auto store = Open({1, 2});
    ASSERT_OK(store);
    EXPECT_EQ((*store)->format(), 1u);
    EXPECT_EQ((*store)->newest_format(), 2u);
    ASSERT_OK((*store)->Apply(PutField(kSession, "b", "y"), true));
  }
  EXPECT_EQ(format(), "sessionhub data folder, format 1\n");
  auto store = Open({1, 1});
  ASSERT_OK(store);
  EXPECT_EQ(ReadText(**store, kSession, "a"), "x");
  EXPECT_EQ(ReadText(**store, kSession, "b"), "y");
}

TEST_F(FormatsTest, FinalizeGivesTheNewestAndTheReleaseBeforeRefuses) {
  MakeFolder(1);
  {
    auto store = Open({1, 2});
    ASSERT_OK(store);
    ASSERT_OK((*store)->FinalizeFormat());
    EXPECT_EQ((*store)->format(), 2u);
    ASSERT_OK((*store)->Apply(PutField(kSession, "b", "y"), true));
    ASSERT_OK((*store)->FinalizeFormat()) << "once more changes nothing";
    EXPECT_EQ((*store)->format(), 2u);
  }
  EXPECT_EQ(format(), "sessionhub data folder, format 2\n");
  EXPECT_THAT(Open({1, 1}), StatusIs(StatusCode::kFailedPrecondition,
                                     HasSubstr("data folder " + data() +
                                               " has format 2, this sessionhubd reads format "
                                               "1: use a newer sessionhubd")));
  auto store = Open({1, 2});
  ASSERT_OK(store);
  EXPECT_EQ((*store)->format(), 2u);
  EXPECT_EQ((*store)->history_id(), HistoryId{1}) << "it is the same past";
  EXPECT_EQ(ReadText(**store, kSession, "a"), "x");
  EXPECT_EQ(ReadText(**store, kSession, "b"), "y");
}

TEST_F(FormatsTest, AFolderThatIsTooOldIsRefusedAndNotChanged) {
  MakeFolder(1);
  EXPECT_THAT(Open({2, 3}), StatusIs(StatusCode::kFailedPrecondition,
                                     AllOf(HasSubstr("has format 1, this sessionhubd reads "
                                                     "formats 2 to 3"),
                                           HasSubstr("finalize the upgrade there"))));
  EXPECT_EQ(format(), "sessionhub data folder, format 1\n");
  ASSERT_OK(Open({1, 2}));
}

// The record of the folder is not ahead of its FORMAT, whatever dies when.
TEST_F(FormatsTest, AFormatThatIsBehindTheRecordIsDamage) {
  MakeFolder(2);
  WriteFormat("1");
  EXPECT_THAT(Open({1, 2}),
              StatusIs(StatusCode::kDataLoss,
                       AllOf(HasSubstr("says 1, its own record says 2"), HasSubstr(data()))));
}

TEST_F(FormatsTest, WhatADeadProcessHasBegunIsCompleted) {
  MakeFolder(1);
  WriteFormat("2");
  {
    auto store = Open({1, 3});
    ASSERT_OK(store);
    EXPECT_EQ((*store)->format(), 2u) << "that which was finalized, not the newest";
    EXPECT_EQ((*store)->newest_format(), 3u);
  }
  WriteFormat("1");
  EXPECT_THAT(Open({1, 3}), StatusIs(StatusCode::kDataLoss, HasSubstr("its own record says 2")))
      << "the record was written too";
}

TEST_F(FormatsTest, ItIsCompletedByAReleaseThatDoesNotReadTheEarlierFormat) {
  MakeFolder(1);
  WriteFormat("2");
  auto store = Open({2, 3});
  ASSERT_OK(store);
  EXPECT_EQ((*store)->format(), 2u);
  EXPECT_EQ(ReadText(**store, kSession, "a"), "x");
}

// With the draft left there, a folder that loses its FORMAT would look like one in creation.
TEST_F(FormatsTest, ADraftThatWasLeftIsRemoved) {
  MakeFolder(1);
  std::ofstream(data() + "/FORMAT.new") << "sessionhub data folder, format 2\n";
  {
    auto store = Open({1, 2});
    ASSERT_OK(store);
    EXPECT_EQ((*store)->format(), 1u);
  }
  fs::remove(data() + "/FORMAT");
  EXPECT_THAT(Open({1, 2}), StatusIs(StatusCode::kDataLoss, HasSubstr("FORMAT is missing")));
}

// Cut off between its record and its FORMAT, it is of the format that the record says.
TEST_F(FormatsTest, ACreationThatIsGoneOnWithKeepsItsFormat) {
  MakeFolder(1);
  fs::rename(data() + "/FORMAT", data() + "/FORMAT.new");
  auto store = Open({1, 2});
  ASSERT_OK(store);
  EXPECT_EQ((*store)->format(), 1u);
  EXPECT_EQ(format(), "sessionhub data folder, format 1\n");
}

// A failed write of FORMAT leaves a hub that serves on, and can be asked again.
TEST_F(FormatsTest, AFinalizeThatFailsCanBeRepeated) {
  MakeFolder(1);
  auto store = Open({1, 2});
  ASSERT_OK(store);
  fs::create_directory(data() + "/FORMAT.new");
  EXPECT_THAT((*store)->FinalizeFormat(),
              StatusIs(StatusCode::kInternal, HasSubstr(data() + "/FORMAT.new")));
  EXPECT_EQ((*store)->format(), 1u);
  ASSERT_OK((*store)->Apply(PutField(kSession, "b", "y"), true));
  fs::remove(data() + "/FORMAT.new");
  ASSERT_OK((*store)->FinalizeFormat());
  EXPECT_EQ((*store)->format(), 2u);
}

// A release that does not know one of them does not open the folder, whatever its format says.
TEST_F(FormatsTest, OpeningAFolderAddsNoColumnFamily) {
  MakeFolder(1);
  rocksdb::DB* opened = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  ASSERT_TRUE(rocksdb::DB::Open({}, data() + "/db", MakeColumns({}), &handles, &opened).ok());
  const std::unique_ptr<rocksdb::DB> db(opened);
  ASSERT_TRUE(db->DropColumnFamily(handles[static_cast<size_t>(Column::kOwners)]).ok());
  for (auto* handle : handles) ASSERT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
  ASSERT_TRUE(db->Close().ok());
  EXPECT_THAT(Open({1, 1}), StatusIs(StatusCode::kInternal, HasSubstr("owners")));
}

TEST_F(FormatsTest, AStoreInMemoryHasTheNewestOfThisProgram) {
  const auto store = MemoryStore::Create(HistoryId{1});
  EXPECT_EQ(store->format(), kFormats.newest);
  EXPECT_EQ(store->newest_format(), kFormats.newest);
  EXPECT_OK(store->FinalizeFormat());
}

#ifdef SESSIONHUB_FAIL_POINTS

class TestFormatTest : public ::testing::Test {
 protected:
  ~TestFormatTest() override { unsetenv("SESSIONHUB_TEST_FORMAT_NEWEST"); }
  static absl::StatusOr<Formats> With(const char* setting) {
    setenv("SESSIONHUB_TEST_FORMAT_NEWEST", setting, 1);
    return FormatsOfThisProgram();
  }
};

TEST_F(TestFormatTest, ABuildForTestsMayStandForALaterRelease) {
  EXPECT_EQ(FormatsOfThisProgram().value(), kFormats);
  EXPECT_EQ(With("2").value(), (Formats{kFormats.oldest, 2}));
  EXPECT_EQ(With("1").value(), kFormats);
  for (const char* wrong : {"", "0", "two", "2 ", "-1", "99999999999"}) {
    EXPECT_THAT(With(wrong),
                StatusIs(StatusCode::kInvalidArgument, HasSubstr("SESSIONHUB_TEST_FORMAT_NEWEST")))
        << wrong;
  }
}

#endif

}  // namespace
}  // namespace sessionhub::hub
