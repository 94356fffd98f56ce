// The contract of Store, which MemoryStore and RocksStore both keep: the records of sessions.
#include "tests/unit/hub/store/store_contract.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

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
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

// One write of every kind.
TurnRecord EveryKind() {
  TurnRecord record;
  record.names.push_back({{9, 1, "cookie"}, NameOf(kSession)});
  record.metas.push_back({kSession, MetaOf(3)});
  record.identities.push_back({kSession, IdentityOf("cookie")});
  record.fields.push_back({{kSession, PathOf("cart/total")}, FieldOf(3, "12.50")});
  record.due.push_back({{7, 1000, kSession}, DueOf(stored::Due::EXPIRE)});
  record.session_counts.push_back({7, 41});
  record.app_sessions.push_back({{7, 1}, 40});
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
  erase(record.app_sessions);
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
  EXPECT_THAT(*store().ListAppSessions(), IsEmpty());
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
    EXPECT_THAT(*store().ListAppSessions(), ElementsAre(AppSlotCount{{7, 1}, 40}));
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
  EXPECT_THAT(*store().ListAppSessions(), IsEmpty());
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

TEST_P(StoreContractTest, ARangeOfPathsLeavesOutWhatTheFieldsHold) {
  Apply(PutField(kSession, "a", "x"));
  Apply(PutField(kSession, "b", "x"));
  ReadSet reads;
  FieldRange range{kSession, Path(), 1};
  range.paths_only = true;
  reads.field_ranges.push_back(range);
  Loaded loaded;
  ASSERT_OK(store().Load(reads, &loaded));
  const std::vector<FieldEntry>& fields = loaded.field_ranges.at(range);
  ASSERT_EQ(fields.size(), 1u);
  EXPECT_EQ(fields[0].path, PathOf("a"));
  EXPECT_EQ(fields[0].field.ByteSizeLong(), 0u);
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

TEST_P(StoreContractTest, APinnedSessionStaysAsItWas) {
  for (const char* path : {"a", "b", "c"}) Apply(PutField(kSession, path, "old"));
  const auto pinned = store().PinSession(kSession);
  Apply(PutField(kSession, "b", "new"));
  Apply(EraseField(kSession, "c"), true);
  Apply(PutField(kSession, "d", "new"));
  for (int times = 0; times < 2; ++times) {
    std::vector<std::string> seen;
    ASSERT_OK(pinned->Scan(std::nullopt, [&](const Path& path, const stored::Field& field) {
      seen.push_back(path.ToText() + "=" + field.string_value());
      return true;
    }));
    EXPECT_THAT(seen, ElementsAre("a=old", "b=old", "c=old"));
  }
  EXPECT_THAT(Scan(kSession), ElementsAre("a", "b", "d"));
}

TEST_P(StoreContractTest, APinnedSessionIsReadInPieces) {
  for (const char* path : {"a", "a/", "a/b", "b", "b/~1"}) Apply(PutField(kSession, path, "x"));
  Apply(PutField(kSession + 1, "z", "x"));
  const auto pinned = store().PinSession(kSession);
  Apply(EraseField(kSession, "a/"));  // a path to go on behind need not be there any more
  std::vector<std::string> seen;
  std::optional<Path> after;
  for (bool more = true; more;) {
    more = false;
    ASSERT_OK(pinned->Scan(after, [&](const Path& path, const stored::Field&) {
      more = true;
      after = path;
      seen.push_back(path.ToText());
      return false;
    }));
  }
  EXPECT_THAT(seen, ElementsAre("a", "a/", "a/b", "b", "b/~1"));
  ASSERT_OK(pinned->Scan(PathOf("aa"), [&](const Path& path, const stored::Field&) {
    after = path;
    return false;
  }));
  EXPECT_EQ(after->ToText(), "b");
}

TEST_P(StoreContractTest, ASessionWithoutFieldsCanBePinned) {
  const auto pinned = store().PinSession(kSession);
  Apply(PutField(kSession, "a", "x"));
  ASSERT_OK(pinned->Scan(std::nullopt, [](const Path&, const stored::Field&) {
    ADD_FAILURE() << "saw what came later";
    return true;
  }));
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

TEST_P(StoreContractTest, SessionsOfAnOwnerAreListedBySlotAndNumberAndPaged) {
  TurnRecord record;
  const std::string owner("ada\0", 4);
  std::vector<SessionNumber> owned;
  for (const Slot slot : {0, 1, 7, 255}) {
    for (const uint64_t count : {1, 2, 300}) {
      owned.push_back(MakeSessionNumber(slot, count));
      record.owners.push_back({{2, owner, owned.back()}, OwnerMark{}});
    }
  }
  record.owners.push_back({{1, owner, MakeSessionNumber(7, 9)}, OwnerMark{}});
  record.owners.push_back({{2, "ada", MakeSessionNumber(7, 9)}, OwnerMark{}});
  record.owners.push_back({{2, owner + "b", MakeSessionNumber(7, 9)}, OwnerMark{}});
  ASSERT_OK(store().Apply(record, true));
  for (const size_t page : {1, 5, 12, 13}) {
    std::vector<SessionNumber> listed;
    for (SessionNumber after = 0;;) {
      const auto sessions = store().ListOwned(2, owner, after, page);
      ASSERT_OK(sessions);
      listed.insert(listed.end(), sessions->begin(), sessions->end());
      if (sessions->size() < page) break;
      after = sessions->back();
    }
    EXPECT_EQ(listed, owned) << "pages of " << page;
  }
  TurnRecord erase;
  erase.owners.push_back({{2, owner, owned[3]}, std::nullopt});
  ASSERT_OK(store().Apply(erase, true));
  EXPECT_EQ(store().ListOwned(2, owner, owned[2], 1)->at(0), owned[4]);
  EXPECT_EQ(store().ListOwned(2, owner, owned[3], 1)->at(0), owned[4]) << "it ended in between";
  EXPECT_THAT(*store().ListOwned(3, owner, 0, 10), IsEmpty());
}

TEST_P(StoreContractTest, IdsMayHoldAnyBytes) {
  const NameKey key = {3, 1, std::string("\0\xff\0", 3)};
  Apply(PutName(key, 12));
  ReadSet reads;
  reads.names.push_back(key);
  EXPECT_EQ(Load(reads).names.at(key)->number(), 12u);
}

TEST_P(StoreContractTest, AnEmptyRecordIsNoError) {
  EXPECT_OK(store().Apply(TurnRecord(), true));
  EXPECT_OK(store().Apply(TurnRecord(), false));
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreContractTest, EachKind(), NameOfKind);

}  // namespace
}  // namespace sessionhub::hub
