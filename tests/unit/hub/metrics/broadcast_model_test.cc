#include "hub/metrics/broadcast_model.h"

#include <gmock/gmock.h>

#include <utility>

#include "hub/record/field_value.h"
#include "hub/store/memory_store.h"
#include "proto/session/state.h"
#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::P;
using ::testing::Pair;

// Sessions have the sizes that the test gives them, and reports of one shard or two say what was
// changed.
class BroadcastModelTest : public ::testing::Test {
 protected:
  static ShardReport Told(std::vector<std::pair<AppNumber, AppCounters>> apps) {
    ShardReport report;
    report.apps = std::move(apps);
    return report;
  }
  static AppCounters Copies(uint64_t copies, SessionNumber last) {
    AppCounters counters;
    counters.broadcast_copies = copies;
    counters.last_broadcast = last;
    return counters;
  }

  std::map<SessionNumber, uint64_t> sizes_;
  std::vector<SessionNumber> measured_;
  BroadcastModel model_{[this](SessionNumber session) -> absl::StatusOr<uint64_t> {
    measured_.push_back(session);
    const auto size = sizes_.find(session);
    if (size == sizes_.end()) return absl::DataLossError("it cannot be read");
    return size->second;
  }};
};

TEST_F(BroadcastModelTest, CopiesSinceTheLastLookHaveTheSizeOfTheSampledSession) {
  sizes_ = {{7, 100}, {8, 1000}};
  model_.Look({Told({{1, Copies(3, 7)}})});
  EXPECT_THAT(model_.bytes(), ElementsAre(Pair(1, 300)));
  model_.Look({Told({{1, Copies(5, 8)}})});
  EXPECT_THAT(model_.bytes(), ElementsAre(Pair(1, 2300)));
}

TEST_F(BroadcastModelTest, WithoutNewCopiesNothingIsRead) {
  sizes_ = {{7, 100}};
  model_.Look({Told({{1, Copies(0, 0)}})});
  EXPECT_THAT(measured_, IsEmpty());
  EXPECT_THAT(model_.bytes(), IsEmpty());
  model_.Look({Told({{1, Copies(3, 7)}})});
  model_.Look({Told({{1, Copies(3, 7)}})});
  EXPECT_THAT(measured_, ElementsAre(7));
}

TEST_F(BroadcastModelTest, AppsAndShardsAreCountedApart) {
  sizes_ = {{7, 10}, {8, 100}, {9, 1000}};
  model_.Look({Told({{1, Copies(1, 7)}, {2, Copies(1, 8)}}), Told({{1, Copies(2, 9)}})});
  EXPECT_THAT(model_.bytes(), ElementsAre(Pair(1, 2010), Pair(2, 100)));
}

TEST_F(BroadcastModelTest, OneThatCannotBeMeasuredHasTheSizeOfTheAppsLast) {
  sizes_ = {{7, 100}};
  model_.Look({Told({{1, Copies(1, 7)}})});
  model_.Look({Told({{1, Copies(4, 99)}})});
  EXPECT_THAT(model_.bytes(), ElementsAre(Pair(1, 400)));
}

TEST_F(BroadcastModelTest, BeforeAnySizeIsKnownCopiesWait) {
  sizes_ = {{7, 0}, {8, 50}};  // 7 is gone
  model_.Look({Told({{1, Copies(2, 7)}})});
  EXPECT_THAT(model_.bytes(), IsEmpty());
  model_.Look({Told({{1, Copies(3, 8)}})});
  EXPECT_THAT(model_.bytes(), ElementsAre(Pair(1, 150)));
}

TEST_F(BroadcastModelTest, ALookMeasuresItsMostAndTheRestGetTheirTurn) {
  std::vector<std::pair<AppNumber, AppCounters>> apps;
  for (AppNumber app = 1; app <= kMeasuredMax + 1; ++app) {
    sizes_[app] = 1;
    apps.emplace_back(app, Copies(1, app));
  }
  model_.Look({Told(apps)});
  EXPECT_EQ(measured_.size(), kMeasuredMax);
  for (auto& [app, counters] : apps) ++counters.broadcast_copies;
  measured_.clear();
  model_.Look({Told(apps)});
  EXPECT_EQ(measured_.size(), kMeasuredMax);
  EXPECT_EQ(measured_.front(), kMeasuredMax + 1) << "the one that was left out comes first";
  EXPECT_EQ(model_.bytes()[kMeasuredMax + 1], 2u);
}

// ---- the measure ----

void StoreBytes(Store* store, SessionNumber session, const std::string& path, size_t bytes) {
  TurnRecord record;
  record.fields.push_back({{session, P(path)}, FieldOf(Value(std::string(bytes, 'x')), 1)});
  ASSERT_OK(store->Apply(record, true));
}

TEST(MeasureSessionTest, CountsPathsAndValues) {
  const auto store = MemoryStore::Create(HistoryId{});
  StoreBytes(store.get(), 7, "a", 10);
  StoreBytes(store.get(), 7, "bc/d", 20);
  StoreBytes(store.get(), 8, "e", 1000);
  const uint64_t expected = FieldSizeBytes(P("a"), Value(std::string(10, 'x'))) +
                            FieldSizeBytes(P("bc/d"), Value(std::string(20, 'x')));
  EXPECT_EQ(MeasureSession(*store, 7).value_or(0), expected);
  EXPECT_EQ(MeasureSession(*store, 9).value_or(1), 0u) << "there is none";
}

TEST(MeasureSessionTest, StopsAtItsBound) {
  const auto store = MemoryStore::Create(HistoryId{});
  for (const char* path : {"a", "b", "c"}) StoreBytes(store.get(), 7, path, kMeasuredBytesMax / 2);
  EXPECT_EQ(MeasureSession(*store, 7).value_or(0), kMeasuredBytesMax);
}

}  // namespace
}  // namespace sessionhub::hub
