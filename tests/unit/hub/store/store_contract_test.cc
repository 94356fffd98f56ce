// The contract of Store, which MemoryStore and RocksStore both keep.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hub/store/memory_store.h"
#include "hub/store/rocks_store.h"
#include "hub/store/store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/turn_records.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::DueOf;
using ::sessionhub::testing::EraseField;
using ::sessionhub::testing::FieldOf;
using ::sessionhub::testing::IdentityOf;
using ::sessionhub::testing::MetaOf;
using ::sessionhub::testing::NameOf;
using ::sessionhub::testing::PathOf;
using ::sessionhub::testing::PutField;
using ::sessionhub::testing::PutName;
using ::sessionhub::testing::ReadText;
using ::sessionhub::testing::TemporaryFolder;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

constexpr HistoryId kHistory = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
const SessionNumber kSession = MakeSessionNumber(7, 1);

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

  TemporaryFolder folder_;
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

// One write of every kind.
TurnRecord EveryKind() {
  TurnRecord record;
  record.names.push_back({{9, 1, "cookie"}, NameOf(kSession)});
  record.metas.push_back({kSession, MetaOf(3)});
  record.identities.push_back({kSession, IdentityOf("cookie")});
  record.fields.push_back({{kSession, PathOf("cart/total")}, FieldOf(3, "12.50")});
  record.due.push_back({{7, 1000, kSession}, DueOf(stored::Due::EXPIRE)});
  record.session_counts.push_back({7, 41});
  stored::Incarnation incarnation;
  incarnation.set_node_name("web-1");
  record.incarnations.push_back({Incarnation{5}, incarnation});
  stored::App app;
  app.set_number(1);
  record.apps.push_back({"shop", app});
  record.hub_time = 123456;
  return record;
}

TurnRecord EraseEveryKind() {
  TurnRecord record = EveryKind();
  const auto erase = [](auto& writes) { writes[0].record.reset(); };
  erase(record.names);
  erase(record.metas);
  erase(record.identities);
  erase(record.fields);
  erase(record.due);
  erase(record.session_counts);
  erase(record.incarnations);
  erase(record.apps);
  record.hub_time.reset();
  return record;
}

ReadSet ReadEveryKind() {
  ReadSet reads;
  reads.names.push_back({9, 1, "cookie"});
  reads.metas.push_back(kSession);
  reads.identities.push_back(kSession);
  reads.fields.push_back({kSession, PathOf("cart/total")});
  reads.session_counts.push_back(7);
  return reads;
}

TEST_P(StoreContractTest, ReadsNothingFromAnEmptyStore) {
  const ReadSet reads = ReadEveryKind();
  const Loaded loaded = Load(reads);
  EXPECT_EQ(loaded.names.at(reads.names[0]), std::nullopt);
  EXPECT_EQ(loaded.metas.at(kSession), std::nullopt);
  EXPECT_EQ(loaded.identities.at(kSession), std::nullopt);
  EXPECT_EQ(loaded.fields.at(reads.fields[0]), std::nullopt);
  EXPECT_EQ(loaded.session_counts.at(7), 0u);
  EXPECT_THAT(Scan(kSession), IsEmpty());
  EXPECT_THAT(Due(7, 1000, 10), IsEmpty());
  EXPECT_EQ(*store().FindApp("shop"), std::nullopt);
  EXPECT_EQ(*store().FindIncarnation(Incarnation{5}), std::nullopt);
  EXPECT_EQ(*store().LastAppNumber(), 0u);
  EXPECT_EQ(*store().LastHubTime(), 0u);
  EXPECT_THAT(*store().ListNames(1, std::nullopt, 10), IsEmpty());
}

TEST_P(StoreContractTest, EveryKindIsReadBackAndKeptWhenReopened) {
  Apply(EveryKind());
  for (const bool reopened : {false, true}) {
    SCOPED_TRACE(reopened ? "reopened" : "before");
    if (reopened) Reopen();
    const ReadSet reads = ReadEveryKind();
    const Loaded loaded = Load(reads);
    EXPECT_EQ(loaded.names.at(reads.names[0])->number(), kSession);
    EXPECT_EQ(loaded.metas.at(kSession)->version(), 3u);
    EXPECT_EQ(loaded.identities.at(kSession)->id(), "cookie");
    EXPECT_EQ(loaded.fields.at(reads.fields[0])->string_value(), "12.50");
    EXPECT_EQ(loaded.session_counts.at(7), 41u);
    EXPECT_THAT(Due(7, 1000, 10), ElementsAre(1000));
    EXPECT_EQ((*store().FindApp("shop"))->number(), 1u);
    EXPECT_EQ((*store().FindIncarnation(Incarnation{5}))->node_name(), "web-1");
    EXPECT_EQ(*store().LastAppNumber(), 1u);
    EXPECT_EQ(*store().LastHubTime(), 123456u);
    EXPECT_EQ(store().history_id(), kHistory);
  }
}

TEST_P(StoreContractTest, EveryKindIsErased) {
  Apply(EveryKind());
  Apply(EraseEveryKind());
  Reopen();
  const ReadSet reads = ReadEveryKind();
  const Loaded loaded = Load(reads);
  EXPECT_EQ(loaded.names.at(reads.names[0]), std::nullopt);
  EXPECT_EQ(loaded.metas.at(kSession), std::nullopt);
  EXPECT_EQ(loaded.identities.at(kSession), std::nullopt);
  EXPECT_EQ(loaded.fields.at(reads.fields[0]), std::nullopt);
  EXPECT_EQ(loaded.session_counts.at(7), 0u);
  EXPECT_THAT(Due(7, 1000, 10), IsEmpty());
  EXPECT_EQ(*store().FindApp("shop"), std::nullopt);
  EXPECT_EQ(*store().FindIncarnation(Incarnation{5}), std::nullopt);
}

TEST_P(StoreContractTest, ALaterWriteReplacesAnEarlierOne) {
  Apply(PutField(kSession, "a", "old"));
  Apply(PutField(kSession, "a", "new"), /*sync=*/true);
  EXPECT_EQ(ReadText(store(), kSession, "a"), "new");
}

TEST_P(StoreContractTest, LoadAddsToWhatIsThere) {
  Apply(EveryKind());
  Loaded loaded;
  ReadSet first;
  first.names.push_back({9, 1, "cookie"});
  ASSERT_OK(store().Load(first, &loaded));
  ReadSet second;
  second.metas.push_back(loaded.names.at(first.names[0])->number());
  ASSERT_OK(store().Load(second, &loaded));
  EXPECT_EQ(loaded.names.size(), 1u);
  EXPECT_EQ(loaded.metas.at(kSession)->version(), 3u);
}

TEST_P(StoreContractTest, LoadReplacesWhatWasReadBefore) {
  Apply(PutField(kSession, "a", "x"));
  ReadSet reads;
  reads.fields.push_back({kSession, PathOf("a")});
  reads.field_ranges.push_back({kSession, Path(), 0});
  Loaded loaded;
  ASSERT_OK(store().Load(reads, &loaded));
  Apply(EraseField(kSession, "a"));
  ASSERT_OK(store().Load(reads, &loaded));
  EXPECT_EQ(loaded.fields.at(reads.fields[0]), std::nullopt);
  EXPECT_THAT(loaded.field_ranges.at(reads.field_ranges[0]), IsEmpty());
}

TEST_P(StoreContractTest, LoadOfManyKeysFindsEach) {
  TurnRecord record;
  ReadSet reads;
  for (uint64_t i = 1; i <= 300; ++i) {
    const SessionNumber session = MakeSessionNumber(static_cast<Slot>(i), i);
    reads.metas.push_back(session);
    if (i % 3 != 0) record.metas.push_back({session, MetaOf(i)});
  }
  Apply(record);
  const Loaded loaded = Load(reads);
  for (uint64_t i = 1; i <= 300; ++i) {
    const auto& meta = loaded.metas.at(reads.metas[i - 1]);
    EXPECT_EQ(meta.has_value(), i % 3 != 0) << i;
    if (meta) {
      EXPECT_EQ(meta->version(), i);
    }
  }
}

TEST_P(StoreContractTest, FieldRangesHoldThePathAndAllBelowItInOrder) {
  for (const char* path : {"cart", "cart/items/a", "cart/items/b", "cart!", "carts", "a", "z"}) {
    Apply(PutField(kSession, path, "x"));
  }
  Apply(PutField(kSession + 256, "cart/other-session", "x"));
  Apply(PutField(kSession - 256, "cart/other-session", "x"));
  EXPECT_THAT(Range(kSession, PathOf("cart"), 0),
              ElementsAre("cart", "cart/items/a", "cart/items/b"));
  EXPECT_THAT(Range(kSession, PathOf("cart/items"), 0),
              ElementsAre("cart/items/a", "cart/items/b"));
  EXPECT_THAT(Range(kSession, PathOf("cart"), 2), ElementsAre("cart", "cart/items/a"));
  EXPECT_THAT(Range(kSession, PathOf("nothing"), 0), IsEmpty());
  EXPECT_THAT(Range(kSession, Path(), 0),
              ElementsAre("a", "cart", "cart/items/a", "cart/items/b", "cart!", "carts", "z"));
  EXPECT_THAT(Range(kSession, Path(), 1), ElementsAre("a"));
}

TEST_P(StoreContractTest, FieldRangesReachTheLastSlotAndTheHighestBytes) {
  const SessionNumber last = MakeSessionNumber(255, (uint64_t{1} << 56) - 2);
  const std::string highest = "\U0010FFFF";
  Apply(PutField(last, highest + "/" + highest, "x"));
  EXPECT_THAT(Scan(last), ElementsAre(highest + "/" + highest));
  EXPECT_THAT(Range(last, PathOf(highest), 0), ElementsAre(highest + "/" + highest));
}

TEST_P(StoreContractTest, ScanFieldsEndsWhenTheVisitorSaysSo) {
  for (const char* path : {"a", "b", "c"}) Apply(PutField(kSession, path, "x"));
  int seen = 0;
  ASSERT_OK(
      store().ScanFields(kSession, [&](const Path&, const stored::Field&) { return ++seen < 2; }));
  EXPECT_EQ(seen, 2);
}

TEST_P(StoreContractTest, ScanFieldsSeesOneSnapshot) {
  for (const char* path : {"a", "b", "c"}) Apply(PutField(kSession, path, "old"));
  std::vector<std::string> seen;
  ASSERT_OK(store().ScanFields(kSession, [&](const Path& path, const stored::Field& field) {
    if (seen.empty()) {
      Apply(PutField(kSession, "b", "new"));
      Apply(EraseField(kSession, "c"));
      Apply(PutField(kSession, "d", "new"));
    }
    seen.push_back(path.ToText() + "=" + field.string_value());
    return true;
  }));
  EXPECT_THAT(seen, ElementsAre("a=old", "b=old", "c=old"));
  EXPECT_THAT(Scan(kSession), ElementsAre("a", "b", "d"));
}

TEST_P(StoreContractTest, DueRangesAreInTimeOrderAndBounded) {
  TurnRecord record;
  for (const uint64_t due : {300, 100, 200, 256}) {
    record.due.push_back({{7, due, kSession}, DueOf(stored::Due::EXPIRE)});
  }
  record.due.push_back({{6, 50, kSession}, DueOf(stored::Due::EXPIRE)});
  record.due.push_back({{8, 50, kSession}, DueOf(stored::Due::EXPIRE)});
  record.due.push_back({{7, ~uint64_t{0}, ~uint64_t{0}}, DueOf(stored::Due::PURGE)});
  Apply(record);
  EXPECT_THAT(Due(7, 256, 10), ElementsAre(100, 200, 256));
  EXPECT_THAT(Due(7, 255, 10), ElementsAre(100, 200));
  EXPECT_THAT(Due(7, 1000, 2), ElementsAre(100, 200));
  EXPECT_THAT(Due(7, 1000, 0), IsEmpty());
  EXPECT_THAT(Due(7, 99, 10), IsEmpty());
  EXPECT_THAT(Due(7, ~uint64_t{0}, 10), ElementsAre(100, 200, 256, 300, ~uint64_t{0}));
}

TEST_P(StoreContractTest, DueEntriesOfOneTimeAreAllThere) {
  TurnRecord record;
  for (uint64_t i = 1; i <= 3; ++i) {
    record.due.push_back({{7, 100, MakeSessionNumber(7, i)}, DueOf(stored::Due::SWEEP)});
  }
  Apply(record);
  TurnRecord erase;
  erase.due.push_back({{7, 100, MakeSessionNumber(7, 2)}, std::nullopt});
  Apply(erase);
  ReadSet reads;
  reads.due_ranges.push_back({7, 100, 10});
  const Loaded loaded = Load(reads);
  const auto& entries = loaded.due_ranges.at(reads.due_ranges[0]);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].key.session, MakeSessionNumber(7, 1));
  EXPECT_EQ(entries[1].key.session, MakeSessionNumber(7, 3));
  EXPECT_EQ(entries[1].due.what(), stored::Due::SWEEP);
}

TEST_P(StoreContractTest, NamesAreListedByKeyAndPaged) {
  // In key order: by slot, then by length, then by bytes.
  const std::vector<NameKey> ordered = {
      {0, 2, "z"},    {0, 2, "aa"},  {7, 2, "b"},   {7, 2, "c"},
      {7, 2, "\xff"}, {200, 2, "a"}, {255, 2, "b"}, {255, 2, std::string(256, '\xff')}};
  for (auto it = ordered.rbegin(); it != ordered.rend(); ++it) Apply(PutName(*it, 5));
  for (const AppNumber other : {AppNumber{1}, AppNumber{3}}) Apply(PutName({7, other, "b"}, 6));

  for (const size_t page : {1, 2, 3, 100}) {
    SCOPED_TRACE(page);
    std::vector<NameKey> listed;
    std::optional<NameKey> after;
    while (true) {
      const auto entries = store().ListNames(2, after, page);
      ASSERT_OK(entries);
      ASSERT_LE(entries->size(), page);
      if (entries->empty()) break;
      for (const NameEntry& entry : *entries) {
        EXPECT_EQ(entry.name.number(), 5u);
        listed.push_back(entry.key);
      }
      after = listed.back();
    }
    EXPECT_THAT(listed, ElementsAreArray(ordered));
  }
  EXPECT_THAT(*store().ListNames(2, std::nullopt, 0), IsEmpty());
}

TEST_P(StoreContractTest, ANameThatIsGoneCanStillBeListedAfter) {
  Apply(PutName({7, 2, "a"}, 1));
  Apply(PutName({7, 2, "c"}, 3));
  const auto entries = store().ListNames(2, NameKey{7, 2, "b"}, 10);
  ASSERT_OK(entries);
  ASSERT_EQ(entries->size(), 1u);
  EXPECT_EQ((*entries)[0].key.id, "c");
}

TEST_P(StoreContractTest, IdsMayHoldAnyBytes) {
  const NameKey key = {3, 1, std::string("\0\xff\0", 3)};
  Apply(PutName(key, 12));
  ReadSet reads;
  reads.names.push_back(key);
  EXPECT_EQ(Load(reads).names.at(key)->number(), 12u);
}

TEST_P(StoreContractTest, HubTimeNeverGoesBack) {
  for (const uint64_t time : {100, 300, 200}) {
    TurnRecord record;
    record.hub_time = time;
    Apply(record);
  }
  EXPECT_EQ(*store().LastHubTime(), 300u);
  Reopen();
  EXPECT_EQ(*store().LastHubTime(), 300u);
}

TEST_P(StoreContractTest, AppNumbersAreNeverForgotten) {
  for (const auto& [name, number] : {std::pair{"shop", 2u}, {"blog", 300u}, {"mail", 7u}}) {
    TurnRecord record;
    stored::App app;
    app.set_number(number);
    record.apps.push_back({name, app});
    Apply(record);
  }
  EXPECT_EQ(*store().LastAppNumber(), 300u);
  TurnRecord erase;
  erase.apps.push_back({"blog", std::nullopt});
  Apply(erase);
  EXPECT_EQ(*store().FindApp("blog"), std::nullopt);
  EXPECT_EQ(*store().LastAppNumber(), 300u);
  EXPECT_EQ((*store().FindApp("mail"))->number(), 7u);
}

TEST_P(StoreContractTest, AnEmptyRecordIsNoError) {
  EXPECT_OK(store().Apply(TurnRecord(), true));
  EXPECT_OK(store().Apply(TurnRecord(), false));
}

INSTANTIATE_TEST_SUITE_P(
    Stores, StoreContractTest,
    ::testing::Values(Kind{"Memory", [] { return std::make_unique<MemoryHolder>(); }},
                      Kind{"Rocks", [] { return std::make_unique<RocksHolder>(); }}),
    [](const ::testing::TestParamInfo<Kind>& kind) { return std::string(kind.param.name); });

}  // namespace
}  // namespace sessionhub::hub
