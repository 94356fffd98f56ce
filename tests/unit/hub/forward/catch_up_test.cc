#include "hub/forward/catch_up.h"

#include "hub/record/field_value.h"
#include "hub/shard/dedupe.h"
#include "hub/store/memory_store.h"
#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::P;
using ::sessionhub::testing::StatusIs;
using ::testing::HasSubstr;

class CatchUpTest : public ::testing::Test {
 protected:
  static constexpr SessionNumber kSession = MakeSessionNumber(3, 1);
  static constexpr Incarnation kOne{1};

  void Store(Version version, Version last_erase,
             const std::map<std::string, std::pair<Value, Version>>& fields) {
    TurnRecord record;
    stored::Meta meta;
    meta.set_version(version);
    meta.set_last_erase_version(last_erase);
    RecordApplied(kOne, 17, &meta);
    record.metas.push_back({kSession, meta});
    for (const auto& [path, field] : fields) {
      record.fields.push_back({{kSession, P(path)}, FieldOf(field.first, field.second)});
    }
    ASSERT_OK(store_->Apply(record, true));
  }
  // The parsed items of a catch-up, with the interval of each.
  struct Item {
    Version from = 0;
    Version to = 0;
    v1::CatchUp wire;
  };
  std::vector<Item> Make(Version since) {
    const CatchUpEffect effect{{{2, 1}, 5}, 1, kSession, since, kOne};
    const auto plan = PlanCatchUp(effect, *store_);
    EXPECT_OK(plan);
    ahead_ = plan->ahead;
    const auto made = MakeCatchUp(*plan, effect, *store_, &table_);
    EXPECT_OK(made);
    return Parse(*made);
  }
  static std::vector<Item> Parse(const std::vector<OutboxItem>& made) {
    std::vector<Item> items;
    for (const OutboxItem& item : made) {
      const auto& catch_up = std::get<CatchUpItem>(item);
      EXPECT_EQ(catch_up.handle, 5u);
      items.push_back({catch_up.from, catch_up.to, {}});
      EXPECT_TRUE(items.back().wire.ParseFromString(catch_up.catch_up->bytes));
    }
    return items;
  }

  const std::unique_ptr<MemoryStore> store_ = MemoryStore::Create(HistoryId{});
  PathTable table_{1, 1, 0};  // every path inline
  bool ahead_ = false;
};

TEST_F(CatchUpTest, ACopyThatHoldsNothingGetsEverything) {
  Store(9, 0, {{"a", {1, 4}}, {"b", {2, 9}}});
  const auto items = Make(0);
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].from, 0u);
  EXPECT_EQ(items[0].to, 9u);
  EXPECT_TRUE(items[0].wire.replace());
  EXPECT_FALSE(items[0].wire.more());
  EXPECT_EQ(items[0].wire.included_seq(), 17u);
  EXPECT_EQ(items[0].wire.ops_size(), 2);
}

TEST_F(CatchUpTest, ACopyGetsOnlyWhatIsNewer) {
  Store(9, 0, {{"a", {1, 4}}, {"b", {2, 5}}, {"c", {3, 9}}});
  const auto items = Make(4);
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].from, 4u);
  EXPECT_EQ(items[0].to, 9u);
  EXPECT_FALSE(items[0].wire.replace());
  ASSERT_EQ(items[0].wire.ops_size(), 2);
  EXPECT_EQ(items[0].wire.ops(0).path(), "b");
  EXPECT_EQ(items[0].wire.ops(1).path(), "c");
}

TEST_F(CatchUpTest, ABaseOlderThanTheLastEraseIsReplaced) {
  Store(9, 6, {{"a", {1, 4}}});
  EXPECT_TRUE(Make(5)[0].wire.replace());
  EXPECT_EQ(Make(5)[0].from, 0u);
  EXPECT_FALSE(Make(6)[0].wire.replace());
  EXPECT_EQ(Make(6)[0].wire.ops_size(), 0);
}

TEST_F(CatchUpTest, ACopyThatIsCurrentGetsAnEmptyOne) {
  Store(9, 9, {{"a", {1, 4}}});
  const auto items = Make(9);
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].from, 9u);
  EXPECT_EQ(items[0].to, 9u);
  EXPECT_EQ(items[0].wire.ops_size(), 0);
  EXPECT_EQ(items[0].wire.included_seq(), 17u);
}

TEST_F(CatchUpTest, ACopyAheadIsToldAndReplaced) {
  Store(9, 0, {{"a", {1, 4}}});
  EXPECT_TRUE(Make(10)[0].wire.replace());
  EXPECT_TRUE(ahead_);
  Make(9);
  EXPECT_FALSE(ahead_);
}

TEST_F(CatchUpTest, ALargeOneIsCutIntoChunks) {
  const std::string text(kCatchUpChunkBytes / 2, 'x');
  Store(5, 0, {{"a", {text, 2}}, {"b", {text, 3}}, {"c", {text, 4}}, {"d", {1, 5}}});
  const auto items = Make(0);
  ASSERT_EQ(items.size(), 3u);
  int fields = 0;
  for (size_t n = 0; n < items.size(); ++n) {
    EXPECT_EQ(items[n].wire.first(), n == 0);
    EXPECT_EQ(items[n].wire.more(), n + 1 < items.size());
    EXPECT_TRUE(items[n].wire.replace());
    EXPECT_EQ(items[n].to, 5u);
    EXPECT_LE(items[n].wire.ByteSizeLong(), kCatchUpChunkBytes + 100);
    fields += items[n].wire.ops_size();
  }
  EXPECT_EQ(fields, 4);
}

TEST_F(CatchUpTest, ASessionWithoutMetaIsDamage) {
  EXPECT_THAT(PlanCatchUp({{{2, 1}, 5}, 1, kSession, 0, kOne}, *store_),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr(std::to_string(kSession))));
}

}  // namespace
}  // namespace sessionhub::hub
