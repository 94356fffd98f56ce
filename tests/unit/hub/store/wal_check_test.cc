// A tear at the end of a log is no damage; any other change of a record's head or body is.
#include "hub/store/wal_check.h"

#include <rocksdb/env.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "hub/store/rocks_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/turn_records.h"

namespace sessionhub::hub {
namespace {

using ::absl::StatusCode;
using ::sessionhub::testing::PutField;
using ::sessionhub::testing::StatusIs;
using ::sessionhub::testing::TemporaryFolder;
using ::testing::HasSubstr;

class WalCheckTest : public ::testing::Test {
 protected:
  // A log that RocksDB wrote: small records, one of several blocks, small ones again.
  void SetUp() override {
    RocksStoreOptions options;
    options.data_dir = folder_.path() + "/data";
    auto store = RocksStore::Open(options);
    ASSERT_OK(store);
    for (const size_t bytes : {10, 10, 70000, 10, 10}) {
      ASSERT_OK((*store)->Apply(PutField(7, "a", std::string(bytes, 'x')), true));
    }
    store->reset();
    std::vector<std::string> names;
    ASSERT_TRUE(rocksdb::Env::Default()->GetChildren(db(), &names).ok());
    for (const std::string& name : names) {
      if (name.find(".log") != std::string::npos) log_ = db() + "/" + name;
    }
    std::ifstream file(log_, std::ios::binary);
    content_.assign(std::istreambuf_iterator<char>(file), {});
    ASSERT_GT(content_.size(), 70000u);
  }

  std::string db() const { return folder_.path() + "/data/db"; }
  absl::Status Check(const std::string& content, WalChecksums checksums) {
    std::ofstream(log_, std::ios::binary | std::ios::trunc) << content;
    return CheckWals(rocksdb::Env::Default(), db(), checksums);
  }

  TemporaryFolder folder_{TemporaryFolder::InMemory()};
  std::string log_;
  std::string content_;
};

TEST_F(WalCheckTest, AWholeLogIsFine) {
  EXPECT_OK(Check(content_, WalChecksums::kSkip));
  EXPECT_OK(Check(content_, WalChecksums::kVerify));
  EXPECT_OK(Check("", WalChecksums::kVerify));
}

TEST_F(WalCheckTest, ALogThatEndsAnywhereIsFine) {
  for (size_t cut = 0; cut < content_.size(); cut += cut < 300 ? 1 : 97) {
    EXPECT_OK(Check(content_.substr(0, cut), WalChecksums::kVerify)) << "cut at " << cut;
  }
}

TEST_F(WalCheckTest, ZerosBehindTheEndAreFineAndBeforeItAreDamage) {
  EXPECT_OK(Check(content_ + std::string(100000, '\0'), WalChecksums::kVerify));
  std::string hole = content_;
  hole.replace(40000, 4096, 4096, '\0');
  EXPECT_THAT(Check(hole, WalChecksums::kVerify), StatusIs(StatusCode::kDataLoss, HasSubstr(log_)));
}

TEST_F(WalCheckTest, EveryFlippedBitInTheFirstRecordsIsDamage) {
  for (size_t at = 0; at < 200; ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = content_;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      ASSERT_THAT(Check(flipped, WalChecksums::kVerify),
                  StatusIs(StatusCode::kDataLoss, HasSubstr(log_)))
          << "byte " << at << ", bit " << bit;
    }
  }
}

// RocksDB takes types 5 to 8 for a recycled log's old records, and ends there without a word.
TEST_F(WalCheckTest, ATypeThatReadsAsTheEndIsDamageWithoutChecksums) {
  constexpr size_t kTypeAt = 6;
  for (const char type : {0, 5, 6, 7, 8, 9, 127}) {
    std::string changed = content_;
    changed[kTypeAt] = type;
    EXPECT_THAT(Check(changed, WalChecksums::kSkip),
                StatusIs(StatusCode::kDataLoss, HasSubstr("damaged at byte 0")))
        << int{type};
  }
}

TEST_F(WalCheckTest, ALengthThatReadsAsATearIsDamageIfRecordsFollow) {
  const std::string small = content_.substr(0, 200);  // one block, its last record torn
  std::string changed = small;
  changed[5] = 1;  // 256 bytes more
  EXPECT_THAT(Check(changed, WalChecksums::kSkip),
              StatusIs(StatusCode::kDataLoss, HasSubstr("damaged at byte 0")));
}

TEST_F(WalCheckTest, OnlyACopyMayHaveNoLog) {
  std::filesystem::remove(log_);
  rocksdb::Env* const env = rocksdb::Env::Default();
  EXPECT_THAT(CheckWals(env, db(), WalChecksums::kVerify),
              StatusIs(StatusCode::kDataLoss, HasSubstr("is missing")));
  EXPECT_OK(CheckWals(env, db(), WalChecksums::kVerify, WalsExpected::kAnyNumber));
}

// Else what a store has acked last would be lost without a word.
TEST_F(WalCheckTest, ADamagedLengthOfTheLastRecordIsDamage) {
  constexpr size_t kHeadBytes = 7;
  const size_t length = static_cast<uint8_t>(content_[4]);  // of the first record, a small one
  const std::string one = content_.substr(0, kHeadBytes + length);
  EXPECT_OK(Check(one, WalChecksums::kVerify));
  for (int bit = 0; bit < 16; ++bit) {
    std::string changed = one;
    changed[4 + bit / 8] = static_cast<char>(changed[4 + bit / 8] ^ (1 << bit % 8));
    EXPECT_THAT(Check(changed, WalChecksums::kVerify),
                StatusIs(StatusCode::kDataLoss, HasSubstr("damaged at byte 0")))
        << "bit " << bit;
  }
}

}  // namespace
}  // namespace sessionhub::hub
