// StoreContractTest: a store of each kind, MemoryStore and RocksStore, for the tests of their
// common contract, with and without faults.
#ifndef TESTS_UNIT_HUB_STORE_STORE_CONTRACT_H_
#define TESTS_UNIT_HUB_STORE_STORE_CONTRACT_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "hub/store/store.h"
#include "tests/support/faulty_store.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::hub {

using ::sessionhub::testing::kHistory;
inline constexpr SessionNumber kSession = MakeSessionNumber(7, 1);

struct Kind {
  const char* name;
  std::function<std::unique_ptr<testing::FaultyStore>()> make;
};

inline void PrintTo(const Kind& kind, std::ostream* out) {
  *out << kind.name;
}

class StoreContractTest : public ::testing::TestWithParam<Kind> {
 protected:
  testing::FaultyStore& holder() { return *holder_; }
  Store& store() { return holder_->store(); }
  void Reopen() { ASSERT_OK(holder_->Reopen()); }
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
  const std::unique_ptr<testing::FaultyStore> holder_ = GetParam().make();
};

inline auto EachKind() {
  return ::testing::Values(
      Kind{"Memory", [] { return std::make_unique<testing::FaultyMemoryStore>(); }},
      Kind{"Rocks", [] { return std::make_unique<testing::FaultyRocksStore>(); }});
}
inline std::string NameOfKind(const ::testing::TestParamInfo<Kind>& kind) {
  return kind.param.name;
}

}  // namespace sessionhub::hub

#endif  // TESTS_UNIT_HUB_STORE_STORE_CONTRACT_H_
