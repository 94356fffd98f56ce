#include "hub/shard/plan.h"

#include "tests/unit/hub/shard/machine_bench.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::P;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PlanTest : public ::testing::Test {
 protected:
  static constexpr Origin kOne{1, 1};
  static constexpr SessionNumber kSession = MakeSessionNumber(3, 1);

  ReadSet Plan(const std::vector<Input>& inputs) {
    return hub::Plan(inputs, loaded_, {&index_, &limits_, &agenda_, &served_, &locks_, 50});
  }
  static Input Commit(Delta delta, Handle handle = 0) {
    CommitInput input;
    input.origin = kOne;
    input.handle = handle;
    input.number = handle == 0 ? kSession : 0;
    input.delta = std::move(delta);
    return input;
  }

  Loaded loaded_;
  interest::InterestIndex index_;
  Limits limits_;
  Agenda agenda_{{3, 4}};
  Locks locks_{LocksOptions()};
  ServedTime served_;
};

TEST_F(PlanTest, BlindPutsReadTheMetaOnly) {
  const ReadSet reads = Plan({Commit(Put("a", 1)), Commit(Erase("b"))});
  EXPECT_THAT(reads.metas, ElementsAre(kSession));
  EXPECT_THAT(reads.fields, IsEmpty());
  EXPECT_THAT(reads.field_ranges, IsEmpty());
  EXPECT_THAT(reads.identities, IsEmpty());
}

TEST_F(PlanTest, EachOperationReadsWhatItNeedsOnce) {
  const ReadSet reads = Plan({Commit(Add("a", 1)), Commit(Add("a", 1)), Commit(EraseSubtree("b")),
                              Commit(EndOfSession())});
  EXPECT_THAT(reads.metas, ElementsAre(kSession));
  EXPECT_THAT(reads.fields, ElementsAre(FieldKey{kSession, P("a")}));
  EXPECT_THAT(reads.field_ranges, ElementsAre(FieldRange{kSession, P("b"), 0}));
  EXPECT_THAT(reads.identities, ElementsAre(kSession));
}

TEST_F(PlanTest, HandlesStandForTheirSessions) {
  const Handle handle = index_.Add(kSession, 1, 1)->handle;
  EXPECT_THAT(Plan({Commit(Put("a", 1), handle)}).metas, ElementsAre(kSession));
  EXPECT_TRUE(Plan({Commit(Put("a", 1), handle + 1)}).empty());
}

TEST_F(PlanTest, AnOpenReadsTheNameThenTheMeta) {
  const NameKey name = NameOf("a");
  const Input open = OpenInput{kOne, 1, name, v1::CREATE_IF_MISSING, 0, 0, false, {}};
  ReadSet reads = Plan({open});
  EXPECT_THAT(reads.names, ElementsAre(name));
  EXPECT_THAT(reads.session_counts, ElementsAre(name.slot));
  loaded_.names[name].emplace().set_number(kSession);
  loaded_.session_counts[name.slot] = 1;
  reads = Plan({open});
  EXPECT_THAT(reads.metas, ElementsAre(kSession));
  loaded_.metas[kSession] = std::nullopt;
  EXPECT_TRUE(Plan({open}).empty());
}

TEST_F(PlanTest, NearItsBoundWhatIsReplacedIsReadAndOnlyThenTheWholeSession) {
  limits_.session_bytes_max = 100;
  loaded_.metas[kSession].emplace().set_bytes_bound(80);
  // A path of two bytes and a number of eight.
  EXPECT_TRUE(Plan({Commit(Put("a", 1)), Commit(Put("b", 1))}).empty());
  const std::vector<Input> inputs = {Commit(Put("a", 1)), Commit(Put("b", 1)), Commit(Put("c", 1))};
  ReadSet reads = Plan(inputs);
  EXPECT_THAT(reads.fields, ElementsAre(FieldKey{kSession, P("a")}, FieldKey{kSession, P("b")},
                                        FieldKey{kSession, P("c")}));
  EXPECT_TRUE(reads.field_ranges.empty());
  loaded_.fields[{kSession, P("a")}] = FieldOf(Value(7), 2);
  loaded_.fields[{kSession, P("b")}] = std::nullopt;
  loaded_.fields[{kSession, P("c")}] = std::nullopt;
  EXPECT_TRUE(Plan(inputs).empty()) << "one of the three replaces as much as it brings";
  loaded_.fields[{kSession, P("a")}] = FieldOf(Value("1234567"), 2);
  EXPECT_THAT(Plan(inputs).field_ranges, ElementsAre(FieldRange{kSession, Path(), 0}));
  loaded_.metas[kSession]->set_bytes_exact(true);
  EXPECT_TRUE(Plan(inputs).empty()) << "an exact size needs no count";
}

TEST_F(PlanTest, ATickReadsWhatIsDueThenTheFieldsToSweep) {
  ReadSet reads = Plan({TickInput{}});
  EXPECT_THAT(reads.due_ranges, ElementsAre(DueRange{3, 50, kDuePerTurnMax / 2, 0, true},
                                            DueRange{4, 50, kDuePerTurnMax / 2, 0, true}));
  stored::Due sweep;
  sweep.set_what(stored::Due::SWEEP);
  loaded_.due_ranges[reads.due_ranges[0]] = {{{3, 40, kSession}, sweep}};
  loaded_.due_ranges[reads.due_ranges[1]] = {};
  EXPECT_THAT(Plan({TickInput{}}).field_ranges, ElementsAre(SweepOf(kSession)));
}

}  // namespace
}  // namespace sessionhub::hub
