// What RocksDB tells of itself: the figures move with what is done, and each has a name of its own.
#include "hub/store/rocks_figures.h"

#include <map>
#include <set>
#include <string>

#include "hub/store/rocks_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/turn_records.h"

namespace sessionhub::hub {
namespace {

class RocksFiguresTest : public ::testing::Test {
 protected:
  void SetUp() override {
    RocksStoreOptions options;
    options.data_dir = folder_.path() + "/data";
    options.block_cache_bytes = kCacheBytes;
    auto store = RocksStore::Open(options);
    ASSERT_OK(store);
    store_ = *std::move(store);
  }
  std::map<std::string, double> Figures() const {
    std::map<std::string, double> values;
    for (const StoreFigure& figure : store_->figures()) values[figure.name] = figure.value;
    return values;
  }
  void WriteHubTime(uint64_t hub_time) {
    TurnRecord record;
    record.hub_time = hub_time;
    ASSERT_OK(store_->Apply(record, /*sync=*/true));
  }

  static constexpr uint64_t kCacheBytes = 8 << 20;
  testing::TemporaryFolder folder_;
  std::unique_ptr<RocksStore> store_;
};

TEST_F(RocksFiguresTest, EachIsToldOnceWithAHelpAndItsManner) {
  std::set<std::string> names;
  for (const StoreFigure& figure : store_->figures()) {
    const std::string name = figure.name;
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_EQ(name.rfind("rocksdb_", 0), 0u) << name;
    EXPECT_NE(std::string(figure.help), "") << name;
    const bool total = name.size() > 6 && name.substr(name.size() - 6) == "_total";
    EXPECT_EQ(total, figure.counts) << name;
  }
  EXPECT_EQ(names.size(), 24u) << "RocksDB does not know one of the properties";
}

TEST_F(RocksFiguresTest, TheyMoveWithWhatIsDone) {
  auto before = Figures();
  EXPECT_EQ(before["rocksdb_block_cache_max_bytes"], kCacheBytes);
  for (uint64_t time = 1; time <= 5; ++time) WriteHubTime(time);
  auto after = Figures();
  EXPECT_EQ(after["rocksdb_wal_syncs_total"], before["rocksdb_wal_syncs_total"] + 5);
  EXPECT_GT(after["rocksdb_wal_written_bytes_total"], before["rocksdb_wal_written_bytes_total"]);
  EXPECT_GT(after["rocksdb_memtables_bytes"], 0);
  EXPECT_GT(after["rocksdb_keys"], 0);
  EXPECT_EQ(after["rocksdb_snapshots"], 0);
  const auto snapshot = store_->PinSession(7);
  EXPECT_EQ(Figures()["rocksdb_snapshots"], 1);
}

}  // namespace
}  // namespace sessionhub::hub
