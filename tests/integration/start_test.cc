// A real hub starts as fast on a large data folder as on a small one: the blocks that it reads
// until it is ready are bounded by a constant. The hub itself counts them, in its log.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "hub/store/rocks_store.h"
#include "tests/support/hub_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/turn_records.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using testing::HubProcess;

// A start opens at most 16 tables of each column family, and reads index and filter of each. Here
// there are at most three tables in each of the six that hold data, so that no compaction starts
// and is counted too; a few further blocks are what the hub itself looks up.
constexpr uint64_t kBlocksReadMax = 64;

// What the `start`th line `event=ready` says. It is written just after the port file.
std::optional<uint64_t> BlocksRead(const std::string& log, int start) {
  constexpr char kKey[] = " blocks_read=";
  size_t ready = 0;
  for (int i = 0; i < start && ready != std::string::npos; ++i) {
    ready = log.find("event=ready", ready + 1);
  }
  const size_t key = ready == std::string::npos ? ready : log.find(kKey, ready);
  if (key == std::string::npos || log.find('\n', key) == std::string::npos) return std::nullopt;
  return std::strtoull(log.c_str() + key + sizeof(kKey) - 1, nullptr, 10);
}

class StartTest : public ::testing::TestWithParam<uint64_t> {
 protected:
  void SetUp() override {
    hub::RocksStoreOptions options;
    options.data_dir = hub_.data_dir();
    options.fresh_history_id[0] = 1;
    auto store = hub::RocksStore::Open(options);
    ASSERT_OK(store);
    ASSERT_OK(testing::WriteSessions(GetParam(), store->get()));
  }

  HubProcess hub_;
};

// All sessions are in the log at first; that start moves them into tables.
TEST_P(StartTest, ReadsAConstantNumberOfBlocks) {
  int start = 0;
  for (const char* folder : {"in_log", "in_tables", "in_tables_again"}) {
    SCOPED_TRACE(folder);
    ASSERT_OK(hub_.Start());
    ++start;
    ASSERT_TRUE(testing::WaitFor([&] { return BlocksRead(hub_.log(), start).has_value(); }))
        << "no event=ready with blocks_read in the log:\n"
        << hub_.log();
    const uint64_t blocks_read = *BlocksRead(hub_.log(), start);
    EXPECT_LE(blocks_read, kBlocksReadMax);
    RecordProperty(folder, std::to_string(blocks_read));
    hub_.Terminate();
    ASSERT_OK(hub_.Wait());
  }
}

INSTANTIATE_TEST_SUITE_P(Sessions, StartTest, ::testing::Values(1'000, 100'000));

}  // namespace
}  // namespace sessionhub
