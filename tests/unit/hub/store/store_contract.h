// StoreContractTest: a store of each kind, MemoryStore and RocksStore, for the tests of their
// common contract.
#ifndef TESTS_UNIT_HUB_STORE_STORE_CONTRACT_H_
#define TESTS_UNIT_HUB_STORE_STORE_CONTRACT_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hub/store/memory_store.h"
#include "hub/store/rocks_store.h"
#include "hub/store/store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::hub {

inline constexpr HistoryId kHistory = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
inline constexpr SessionNumber kSession = MakeSessionNumber(7, 1);

// Keeps one store, and can end it and start it again on what it stored.
class StoreHolder {
 public:
  virtual ~StoreHolder() = default;
  virtual Store& store() = 0;
  virtual void Reopen() = 0;
};

class MemoryHolder : public StoreHolder {
 public:
  Store& store() override { return *store_; }
  // A process that ends well loses nothing.
  void Reopen() override { store_->Crash(store_->unsynced_applies()); }

 private:
  std::unique_ptr<MemoryStore> store_ = MemoryStore::Create(kHistory);
};

class RocksHolder : public StoreHolder {
 public:
  RocksHolder() { Open(kHistory); }
  Store& store() override { return *store_; }
  void Reopen() override {
    store_.reset();
    Open(HistoryId{});  // only a new folder takes the fresh history
  }

 private:
  void Open(const HistoryId& history_id) {
    RocksStoreOptions options;
    options.data_dir = folder_.path() + "/data";
    options.fresh_history_id = history_id;
    auto store = RocksStore::Open(options);
    ASSERT_OK(store);
    store_ = *std::move(store);
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<RocksStore> store_;
};

struct Kind {
  const char* name;
  std::function<std::unique_ptr<StoreHolder>()> make;
};

class StoreContractTest : public ::testing::TestWithParam<Kind> {
 protected:
  Store& store() { return holder_->store(); }
  void Reopen() { holder_->Reopen(); }
  void Apply(const TurnRecord& record, bool sync = false) {
    ASSERT_OK(store().Apply(record, sync));
  }
  Loaded Load(const ReadSet& reads) {
    Loaded loaded;
    EXPECT_OK(store().Load(reads, &loaded));
    return loaded;
  }
  std::vector<std::string> Scan(SessionNumber session) {
    std::vector<std::string> paths;
    EXPECT_OK(store().ScanFields(session, [&](const Path& path, const stored::Field&) {
      paths.push_back(path.ToText());
      return true;
    }));
    return paths;
  }
  std::vector<std::string> Range(SessionNumber session, const Path& root, uint32_t count_max) {
    ReadSet reads;
    reads.field_ranges.push_back({session, root, count_max});
    const Loaded loaded = Load(reads);
    std::vector<std::string> paths;
    for (const FieldEntry& entry : loaded.field_ranges.at(reads.field_ranges[0])) {
      paths.push_back(entry.path.ToText());
    }
    return paths;
  }
  std::vector<uint64_t> Due(Slot slot, uint64_t until, uint32_t count_max) {
    ReadSet reads;
    reads.due_ranges.push_back({slot, until, count_max});
    const Loaded loaded = Load(reads);
    std::vector<uint64_t> times;
    for (const DueEntry& entry : loaded.due_ranges.at(reads.due_ranges[0])) {
      EXPECT_EQ(entry.key.slot, slot);
      times.push_back(entry.key.due);
    }
    return times;
  }

 private:
  std::unique_ptr<StoreHolder> holder_ = GetParam().make();
};

inline auto EachKind() {
  return ::testing::Values(Kind{"Memory", [] { return std::make_unique<MemoryHolder>(); }},
                           Kind{"Rocks", [] { return std::make_unique<RocksHolder>(); }});
}
inline std::string NameOfKind(const ::testing::TestParamInfo<Kind>& kind) {
  return kind.param.name;
}

}  // namespace sessionhub::hub

#endif  // TESTS_UNIT_HUB_STORE_STORE_CONTRACT_H_
