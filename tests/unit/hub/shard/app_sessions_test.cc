#include "hub/shard/app_sessions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "hub/store/memory_store.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class AppSessionsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    TurnRecord record;
    for (const AppNumber number : {1u, 2u}) {
      stored::App app;
      app.set_number(number);
      record.apps.push_back({"app-" + std::to_string(number), app});
    }
    ASSERT_OK(store_->Apply(record, true));
  }

  // A session at home in `home`, whose name lies in `slot`.
  void AddSession(AppNumber app, const std::string& id, Slot home, Slot slot, bool dead = false) {
    const SessionNumber number = MakeSessionNumber(home, ++last_);
    TurnRecord record;
    stored::Name name;
    name.set_number(number);
    record.names.push_back({{slot, app, id}, name});
    stored::Meta meta;
    meta.set_app(app);
    meta.set_dead(dead);
    record.metas.push_back({number, meta});
    stored::Identity identity;
    identity.set_app(app);
    identity.set_id(id);
    record.identities.push_back({number, identity});
    ASSERT_OK(store_->Apply(record, true));
  }
  // An earlier id of the last session.
  void AddOldName(AppNumber app, const std::string& id, Slot slot) {
    TurnRecord record;
    stored::Name name;
    name.set_number(MakeSessionNumber(slot, last_));
    name.set_state(stored::Name::RENAMED);
    record.names.push_back({{slot, app, id}, name});
    ASSERT_OK(store_->Apply(record, true));
  }

  const std::unique_ptr<MemoryStore> store_ = MemoryStore::Create(HistoryId{});
  uint64_t last_ = 0;
};

TEST_F(AppSessionsTest, AStoreWithoutCountsIsCountedOnce) {
  for (int i = 0; i < 1'001; ++i) AddSession(1, "many-" + std::to_string(i), 3, 3);
  AddSession(1, "renamed", 7, 9);
  AddOldName(1, "old", 7);
  AddSession(1, "hint of the dead", 7, 9, /*dead=*/true);
  AddSession(2, "other", 3, 3);
  const auto counts = LoadAppSessions(store_.get());
  ASSERT_OK(counts);
  EXPECT_THAT(*counts, UnorderedElementsAre(AppSlotCount{{3, 1}, 1'001}, AppSlotCount{{7, 1}, 1},
                                            AppSlotCount{{3, 2}, 1}));
  // From then on the counts are believed, whatever there is.
  AddSession(1, "uncounted", 3, 3);
  const auto again = LoadAppSessions(store_.get());
  ASSERT_OK(again);
  EXPECT_THAT(*again, ::testing::UnorderedElementsAreArray(*counts));
  EXPECT_EQ(store_->unsynced_applies(), 0u);
}

TEST_F(AppSessionsTest, CountsThatWereNeverCompleteAreReplaced) {
  AddSession(1, "one", 3, 3);
  TurnRecord record;
  record.app_sessions.push_back({{3, 1}, 40});
  record.app_sessions.push_back({{4, 1}, 2});
  ASSERT_OK(store_->Apply(record, true));
  const auto counts = LoadAppSessions(store_.get());
  ASSERT_OK(counts);
  EXPECT_THAT(*counts, UnorderedElementsAre(AppSlotCount{{3, 1}, 1}));
  EXPECT_THAT(*LoadAppSessions(store_.get()), UnorderedElementsAre(AppSlotCount{{3, 1}, 1}));
}

TEST_F(AppSessionsTest, AnEmptyStoreHasNone) {
  EXPECT_THAT(*LoadAppSessions(store_.get()), IsEmpty());
  EXPECT_THAT(*LoadAppSessions(store_.get()), IsEmpty());
}

TEST_F(AppSessionsTest, AStoreThatCannotBeWrittenIsToldOf) {
  store_->FailApplies(absl::InternalError("the disk is gone"));
  EXPECT_FALSE(LoadAppSessions(store_.get()).ok());
}

TEST_F(AppSessionsTest, SlotsAreSummedUpForEachApp) {
  AppSessions sessions({{{3, 1}, 10}, {{7, 1}, 1}, {{3, 2}, 5}});
  EXPECT_EQ(sessions.Of(1), 11u);
  EXPECT_EQ(sessions.Of(2), 5u);
  EXPECT_EQ(sessions.Of(3), 0u);
  EXPECT_EQ(sessions.total(), 16u);
  sessions.Note({{{3, 1}, 12}, {{7, 1}, std::nullopt}, {{9, 3}, 1}});
  EXPECT_EQ(sessions.Of(1), 12u);
  EXPECT_EQ(sessions.Of(3), 1u);
  EXPECT_EQ(sessions.total(), 18u);
}

}  // namespace
}  // namespace sessionhub::hub
