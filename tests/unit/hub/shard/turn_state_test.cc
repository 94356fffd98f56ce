#include "hub/shard/turn_state.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "hub/record/field_value.h"
#include "tests/support/paths.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::P;

class TurnStateTest : public ::testing::Test {
 protected:
  static constexpr SessionNumber kSession = MakeSessionNumber(3, 1);

  Loaded loaded_;
  TurnState state_{&loaded_};
};

TEST_F(TurnStateTest, WhatTheTurnDecidedLiesOverWhatIsStored) {
  loaded_.fields[{kSession, P("a")}] = FieldOf(Value(1), 2);
  loaded_.fields[{kSession, P("b")}] = std::nullopt;
  EXPECT_EQ(ValueOf(*state_.FindField(kSession, P("a")).field), Value(1));
  state_.PutField(kSession, P("a"), FieldOf(Value(5), 3));
  EXPECT_EQ(ValueOf(*state_.FindField(kSession, P("a")).field), Value(5));
  state_.EraseField(kSession, P("a"));
  EXPECT_TRUE(state_.FindField(kSession, P("a")).known);
  EXPECT_EQ(state_.FindField(kSession, P("a")).field, nullptr);
  EXPECT_TRUE(state_.FindField(kSession, P("b")).known);
}

TEST_F(TurnStateTest, WhatNobodyLoadedIsNotKnown) {
  EXPECT_FALSE(state_.FindField(kSession, P("a")).known);
  EXPECT_FALSE(state_.FieldSizesUnder(kSession, P("a")));
  EXPECT_FALSE(state_.NewSessionNumber(3));
}

TEST_F(TurnStateTest, AFreshSessionIsKnownToBeEmpty) {
  loaded_.session_counts[3] = 7;
  const SessionNumber fresh = *state_.NewSessionNumber(3);
  EXPECT_EQ(fresh, MakeSessionNumber(3, 8));
  EXPECT_TRUE(state_.FindField(fresh, P("a")).known);
  EXPECT_TRUE(state_.FieldSizesUnder(fresh, Path())->empty());
  EXPECT_EQ(*state_.NewSessionNumber(3), MakeSessionNumber(3, 9));
  const TurnRecord record = std::move(state_).TakeRecord();
  ASSERT_EQ(record.session_counts.size(), 1u);
  EXPECT_EQ(record.session_counts[0].record, 9u);
}

TEST_F(TurnStateTest, SizesUnderAPathSeeTheOverlayAndNothingBeside) {
  loaded_.field_ranges[{kSession, Path(), 0}] = {{P("a"), FieldOf(Value(1), 1)},
                                                 {P("a/b"), FieldOf(Value(1), 1)},
                                                 {P("ab"), FieldOf(Value(1), 1)}};
  state_.EraseField(kSession, P("a"));
  state_.PutField(kSession, P("a/c"), FieldOf(Value("12345"), 2));
  state_.PutField(kSession, P("b"), FieldOf(Value(1), 2));
  const auto sizes = state_.FieldSizesUnder(kSession, P("a"));
  ASSERT_TRUE(sizes);
  EXPECT_EQ(*sizes, (std::map<Path, size_t>{{P("a/b"), 4 + 8}, {P("a/c"), 4 + 5}}));
}

// One comes, one ends, one is only changed, and one comes and ends at once.
TEST_F(TurnStateTest, WhatLivesMoreOrLessIsToldByAppAndSlot) {
  const SessionNumber ends = MakeSessionNumber(4, 1);
  const SessionNumber comes = MakeSessionNumber(3, 2);
  const SessionNumber brief = MakeSessionNumber(5, 1);
  loaded_.metas[kSession].emplace().set_app(1);
  loaded_.metas[ends].emplace().set_app(2);
  EXPECT_TRUE(state_.LiveChanges().empty());
  state_.MutableMeta(kSession)->set_version(9);
  state_.MutableMeta(ends)->set_dead(true);
  state_.MutableMeta(comes)->set_app(1);
  state_.MutableMeta(brief)->set_app(1);
  state_.MutableMeta(brief)->set_dead(true);
  EXPECT_EQ(state_.LiveChanges(), (std::map<AppSlot, int64_t>{{{3, 1}, 1}, {{4, 2}, -1}}));
}

TEST_F(TurnStateTest, APurgeOfTheDeadChangesNoCount) {
  loaded_.metas[kSession].emplace().set_dead(true);
  state_.EraseMeta(kSession);
  EXPECT_TRUE(state_.LiveChanges().empty());
}

TEST_F(TurnStateTest, AMetaIsChangedOverTheStoredOne) {
  loaded_.metas[kSession].emplace().set_version(4);
  state_.MutableMeta(kSession)->set_dead(true);
  EXPECT_EQ(state_.FindMeta(kSession)->version(), 4u);
  EXPECT_TRUE(state_.FindMeta(kSession)->dead());
  EXPECT_FALSE(loaded_.metas[kSession]->dead());
  state_.EraseMeta(kSession);
  EXPECT_EQ(state_.FindMeta(kSession), nullptr);
}

TEST_F(TurnStateTest, TheOwnerIndexFollowsTheIdentity) {
  stored::Identity identity;
  identity.set_app(7);
  identity.set_owner("ada");
  const SessionNumber other = MakeSessionNumber(4, 1);
  const SessionNumber same = MakeSessionNumber(5, 1);
  loaded_.identities[kSession] = identity;
  loaded_.identities[same] = identity;
  state_.PutIdentity(same, identity);
  state_.PutIdentity(other, identity);
  identity.set_owner("bob");
  state_.PutIdentity(kSession, identity);
  TurnRecord record = std::move(state_).TakeRecord();
  std::set<std::string> writes;
  for (const auto& write : record.owners) {
    writes.insert((write.record ? "put " : "erase ") + write.key.owner + " " +
                  std::to_string(write.key.session));
    EXPECT_EQ(write.key.app, 7u);
  }
  EXPECT_EQ(writes, (std::set<std::string>{"erase ada " + std::to_string(kSession),
                                           "put bob " + std::to_string(kSession),
                                           "put ada " + std::to_string(other)}));
}

TEST_F(TurnStateTest, NoOwnerIsLeftOfWhatIsErased) {
  loaded_.identities[kSession].emplace().set_owner("ada");
  state_.EraseIdentity(kSession);
  const TurnRecord record = std::move(state_).TakeRecord();
  ASSERT_EQ(record.owners.size(), 1u);
  EXPECT_FALSE(record.owners[0].record);
}

TEST_F(TurnStateTest, TheRecordNamesEachKeyOnce) {
  const NameKey name{3, 1, "a"};
  state_.PutName(name, {});
  state_.EraseName(name);
  state_.PutField(kSession, P("a"), FieldOf(Value(1), 2));
  state_.PutField(kSession, P("a"), FieldOf(Value(2), 3));
  state_.MutableMeta(kSession)->set_version(2);
  state_.MutableMeta(kSession)->set_version(3);
  const TurnRecord record = std::move(state_).TakeRecord();
  ASSERT_EQ(record.names.size(), 1u);
  EXPECT_FALSE(record.names[0].record);
  ASSERT_EQ(record.fields.size(), 1u);
  EXPECT_EQ(record.fields[0].record->version(), 3u);
  EXPECT_EQ(record.metas.size(), 1u);
}

}  // namespace
}  // namespace sessionhub::hub
