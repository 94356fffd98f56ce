// What expiry asks of a store: due ranges that begin anywhere. Both stores.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "hub/store/memory_store.h"
#include "hub/store/rocks_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::hub {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DueStoreTest : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (GetParam()) {
      store_ = MemoryStore::Create(HistoryId{});
      return;
    }
    RocksStoreOptions options;
    options.data_dir = folder_.path() + "/data";
    auto store = RocksStore::Open(options);
    ASSERT_OK(store);
    store_ = *std::move(store);
  }
  std::vector<uint64_t> Due(const DueRange& range) {
    ReadSet reads;
    reads.due_ranges.push_back(range);
    Loaded loaded;
    EXPECT_OK(store_->Load(reads, &loaded));
    std::vector<uint64_t> times;
    for (const DueEntry& entry : loaded.due_ranges.at(range)) times.push_back(entry.key.due);
    return times;
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
};

TEST_P(DueStoreTest, ADueRangeMayBeginLaterAndTellWhatComesNext) {
  TurnRecord record;
  stored::Due expire;
  expire.set_what(stored::Due::EXPIRE);
  const SessionNumber session = MakeSessionNumber(7, 1);
  for (const uint64_t due : {100, 200, 300}) record.due.push_back({{7, due, session}, expire});
  record.due.push_back({{8, 250, MakeSessionNumber(8, 1)}, expire});
  ASSERT_OK(store_->Apply(record, /*sync=*/false));
  EXPECT_THAT(Due({7, 250, 10, 101, false}), ElementsAre(200));
  EXPECT_THAT(Due({7, 250, 10, 200, true}), ElementsAre(200, 300));
  EXPECT_THAT(Due({7, 150, 10, 101, true}), ElementsAre(200));
  EXPECT_THAT(Due({7, 250, 2, 0, true}), ElementsAre(100, 200));
  EXPECT_THAT(Due({7, 400, 10, 301, true}), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(, DueStoreTest, ::testing::Values(true, false), [](const auto& memory) {
  return memory.param ? std::string("Memory") : std::string("Rocks");
});

}  // namespace
}  // namespace sessionhub::hub
