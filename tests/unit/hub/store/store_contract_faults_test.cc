// The contract of Store under faults, which MemoryStore and RocksStore both keep: what is acked is
// found, what is not is found whole or not at all, and after a failure nothing more is written.
#include <string>
#include <vector>

#include "tests/support/turn_records.h"
#include "tests/unit/hub/store/store_contract.h"

namespace sessionhub::hub {
namespace {

using ::absl::StatusCode;
using ::sessionhub::testing::FaultyStore;
using ::sessionhub::testing::FieldOf;
using ::sessionhub::testing::MetaOf;
using ::sessionhub::testing::NameOf;
using ::sessionhub::testing::PathOf;
using ::sessionhub::testing::PutField;
using ::sessionhub::testing::ReadText;
using ::sessionhub::testing::StatusIs;
using ::testing::Not;

constexpr uint64_t kKeptPercents[] = {0, 1, 25, 50, 75, 99, 100};
constexpr int kPartsOfATurn = 50;

// Enough writes to be torn somewhere in the middle.
TurnRecord LargeTurn() {
  TurnRecord record;
  for (int i = 0; i < kPartsOfATurn; ++i) {
    const SessionNumber session = MakeSessionNumber(static_cast<Slot>(i), 1);
    record.names.push_back({{static_cast<Slot>(i), 1, "cookie"}, NameOf(session)});
    record.metas.push_back({session, MetaOf(1)});
    record.fields.push_back({{session, PathOf("a")}, FieldOf(1, std::string(1000, 'x'))});
  }
  return record;
}

// How many of LargeTurn's writes are there.
size_t CountOfLargeTurn(const Store& store) {
  ReadSet reads;
  const TurnRecord record = LargeTurn();
  for (const auto& write : record.names) reads.names.push_back(write.key);
  for (const auto& write : record.metas) reads.metas.push_back(write.key);
  for (const auto& write : record.fields) reads.fields.push_back(write.key);
  Loaded loaded;
  EXPECT_OK(store.Load(reads, &loaded));
  size_t count = 0;
  for (const auto& [key, name] : loaded.names) count += name.has_value();
  for (const auto& [key, meta] : loaded.metas) count += meta.has_value();
  for (const auto& [key, field] : loaded.fields) count += field.has_value();
  return count;
}
constexpr size_t kWritesOfLargeTurn = size_t{3} * kPartsOfATurn;

struct Failure {
  const char* name;
  void (FaultyStore::*arrange)();
  StatusCode code;
};
constexpr Failure kFailures[] = {
    {"a failed write", &FaultyStore::FailWrite, StatusCode::kInternal},
    {"a failed sync", &FaultyStore::FailSync, StatusCode::kInternal},
    {"a full disk", &FaultyStore::FillDisk, StatusCode::kResourceExhausted},
};

class StoreFaultsTest : public StoreContractTest {
 protected:
  // Each failure needs a store of its own.
  std::unique_ptr<FaultyStore> Fresh() { return GetParam().make(); }
};

TEST_P(StoreFaultsTest, WhatASyncHasCoveredSurvivesEveryCrash) {
  for (const uint64_t kept : kKeptPercents) {
    SCOPED_TRACE("kept of the rest: " + std::to_string(kept) + " %");
    const auto holder = Fresh();
    ASSERT_OK(holder->store().Apply(PutField(kSession, "before", "x"), false));
    ASSERT_OK(holder->store().Apply(LargeTurn(), true));
    ASSERT_OK(holder->store().Apply(PutField(kSession, "after", "x"), false));
    ASSERT_OK(holder->Crash(kept));
    EXPECT_EQ(ReadText(holder->store(), kSession, "before"), "x");
    EXPECT_EQ(CountOfLargeTurn(holder->store()), kWritesOfLargeTurn);
    EXPECT_EQ(ReadText(holder->store(), kSession, "after").has_value(), kept == 100);
    // Found once, it stays.
    ASSERT_OK(holder->Crash(0));
    EXPECT_EQ(ReadText(holder->store(), kSession, "after").has_value(), kept == 100);
    EXPECT_EQ(holder->store().history_id(), kHistory);
  }
}

TEST_P(StoreFaultsTest, WhatIsNotSyncedIsLostFromTheEndOnly) {
  constexpr int kRecords = 20;
  for (const uint64_t kept : kKeptPercents) {
    SCOPED_TRACE("kept: " + std::to_string(kept) + " %");
    const auto holder = Fresh();
    for (int i = 0; i < kRecords; ++i) {
      ASSERT_OK(holder->store().Apply(PutField(kSession, std::to_string(i), "x"), false));
    }
    ASSERT_OK(holder->Crash(kept));
    int found = 0;
    while (ReadText(holder->store(), kSession, std::to_string(found))) ++found;
    for (int i = found; i < kRecords; ++i) {
      EXPECT_EQ(ReadText(holder->store(), kSession, std::to_string(i)), std::nullopt)
          << "it is there, and record " << found << " before it is not";
    }
    if (kept == 0) {
      EXPECT_EQ(found, 0);
    }
    if (kept == 100) {
      EXPECT_EQ(found, kRecords);
    }
  }
}

TEST_P(StoreFaultsTest, ATurnThatFailedIsThereWholeOrNotAtAll) {
  for (const Failure& failure : kFailures) {
    for (const uint64_t kept : kKeptPercents) {
      SCOPED_TRACE(failure.name + std::string(", kept: ") + std::to_string(kept) + " %");
      const auto holder = Fresh();
      ASSERT_OK(holder->store().Apply(PutField(kSession, "before", "x"), true));
      (*holder.*failure.arrange)();
      ASSERT_THAT(holder->store().Apply(LargeTurn(), true), Not(testing::IsOk()));
      ASSERT_OK(holder->Crash(kept));
      EXPECT_EQ(ReadText(holder->store(), kSession, "before"), "x");
      EXPECT_THAT(CountOfLargeTurn(holder->store()), ::testing::AnyOf(0u, kWritesOfLargeTurn));
    }
  }
}

TEST_P(StoreFaultsTest, AfterAFailedApplyEveryLaterOneFailsInTheSameWayAndReadsGoOn) {
  for (const Failure& failure : kFailures) {
    SCOPED_TRACE(failure.name);
    const auto holder = Fresh();
    Store& store = holder->store();
    ASSERT_OK(store.Apply(PutField(kSession, "a", "x"), true));
    (*holder.*failure.arrange)();
    const absl::Status failed = store.Apply(PutField(kSession, "b", "x"), true);
    ASSERT_THAT(failed, StatusIs(failure.code, ::testing::_));
    // Nor does it help that the disk has recovered: what it holds is not known.
    holder->FreeDisk();
    EXPECT_EQ(store.Apply(PutField(kSession, "c", "x"), false), failed);
    EXPECT_EQ(store.Apply(PutField(kSession, "c", "x"), true), failed);
    EXPECT_EQ(store.Apply(TurnRecord(), true), failed);
    EXPECT_EQ(ReadText(store, kSession, "a"), "x");
    EXPECT_EQ(ReadText(store, kSession, "c"), std::nullopt);
    // The next open knows.
    ASSERT_OK(holder->Crash(100));
    EXPECT_EQ(ReadText(holder->store(), kSession, "a"), "x");
    EXPECT_EQ(ReadText(holder->store(), kSession, "c"), std::nullopt);
    EXPECT_OK(holder->store().Apply(PutField(kSession, "c", "x"), true));
    ASSERT_OK(holder->Crash(0));
    EXPECT_EQ(ReadText(holder->store(), kSession, "c"), "x");
  }
}

TEST_P(StoreFaultsTest, AFailedApplyWithoutASyncStopsTheStoreToo) {
  holder().FailWrite();
  const absl::Status failed = store().Apply(PutField(kSession, "a", "x"), false);
  ASSERT_THAT(failed, StatusIs(StatusCode::kInternal, ::testing::_));
  EXPECT_EQ(store().Apply(PutField(kSession, "b", "x"), true), failed);
}

TEST_P(StoreFaultsTest, AFullDiskIsNamedAsThatAndWhatWasPinnedCanBeRead) {
  Apply(PutField(kSession, "a", "x"), true);
  const auto pinned = store().PinSession(kSession);
  holder().FillDisk();
  EXPECT_THAT(store().Apply(LargeTurn(), true),
              StatusIs(StatusCode::kResourceExhausted, ::testing::HasSubstr("disk is full")));
  std::vector<std::string> seen;
  EXPECT_OK(pinned->Scan(std::nullopt, [&](const Path& path, const stored::Field&) {
    seen.push_back(path.ToText());
    return true;
  }));
  EXPECT_THAT(seen, ::testing::ElementsAre("a"));
  EXPECT_THAT(Scan(kSession), ::testing::ElementsAre("a"));
}

INSTANTIATE_TEST_SUITE_P(Faults, StoreFaultsTest, EachKind(), NameOfKind);

}  // namespace
}  // namespace sessionhub::hub
