// A start reads a constant number of blocks, whatever the number of sessions, after a clean end and
// with a log that is full.
#include <ostream>
#include <string>

#include "hub/store/rocks_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/turn_records.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::TemporaryFolder;

// A start opens at most 16 tables of each column family, and reads index and filter of each. Here
// there are at most three tables in each of the six that hold data, so that no compaction starts
// and is counted too.
constexpr uint64_t kBlocksReadMax = 48;

absl::StatusOr<std::unique_ptr<RocksStore>> Open(const TemporaryFolder& folder,
                                                 uint64_t write_buffer_bytes) {
  RocksStoreOptions options;
  options.data_dir = folder.path() + "/data";
  options.write_buffer_bytes = write_buffer_bytes;
  return RocksStore::Open(options);
}

// What a hub reads at its start, and how many blocks that took, the opening included.
void MeasureStart(const TemporaryFolder& folder, uint64_t write_buffer_bytes, uint64_t* blocks) {
  auto store = Open(folder, write_buffer_bytes);
  ASSERT_OK(store);
  EXPECT_GT(*(*store)->LastHubTime(), 0u);
  EXPECT_EQ(*(*store)->LastAppNumber(), 0u);
  *blocks = (*store)->statistics().blocks_read;
}

struct Case {
  const char* name;
  int sessions;
  uint64_t write_buffer_bytes;  // small: some is in tables; large: all is in the log
  bool restarted;               // a start in between has moved the log into tables
};

void PrintTo(const Case& one, std::ostream* out) {
  *out << one.name;
}

class RocksStartTest : public ::testing::TestWithParam<Case> {};

TEST_P(RocksStartTest, ReadsAConstantNumberOfBlocks) {
  const TemporaryFolder folder;
  {
    auto store = Open(folder, GetParam().write_buffer_bytes);
    ASSERT_OK(store);
    ASSERT_OK(testing::WriteSessions(GetParam().sessions, store->get()));
  }
  uint64_t blocks = 0;
  if (GetParam().restarted) MeasureStart(folder, GetParam().write_buffer_bytes, &blocks);
  ASSERT_NO_FATAL_FAILURE(MeasureStart(folder, GetParam().write_buffer_bytes, &blocks));
  RecordProperty("blocks_read", std::to_string(blocks));
  EXPECT_LE(blocks, kBlocksReadMax);
}

constexpr uint64_t kSmall = 12 << 20;
constexpr uint64_t kLarge = 64 << 20;

INSTANTIATE_TEST_SUITE_P(Folders, RocksStartTest,
                         ::testing::Values(Case{"FewClean", 1000, kLarge, true},
                                           Case{"FewInLog", 1000, kLarge, false},
                                           Case{"ManyClean", 100000, kLarge, true},
                                           Case{"ManyInLog", 100000, kLarge, false},
                                           Case{"ManyInTablesAndLog", 100000, kSmall, false}),
                         [](const ::testing::TestParamInfo<Case>& one) {
                           return std::string(one.param.name);
                         });

}  // namespace
}  // namespace sessionhub::hub
