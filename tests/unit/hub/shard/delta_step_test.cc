#include "hub/shard/delta_step.h"

#include "tests/support/generators.h"
#include "tests/unit/hub/shard/machine_bench.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::P;
using ::sessionhub::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Delta Both(Delta first, const Delta& second) {
  for (const Operation& operation : second.operations) first.operations.push_back(operation);
  return first;
}

class DeltaStepTest : public MachineBench {
 protected:
  explicit DeltaStepTest(const ShardMachineOptions& options = {}) : MachineBench(options) {
    number_ = OpenForAll(2);
  }
  // The deltas in one turn.
  std::vector<std::string> Commit(const std::vector<Delta>& deltas) {
    std::vector<Input> inputs;
    for (const Delta& delta : deltas)
      inputs.push_back(MachineBench::Commit(kOne, ++seq_, 1, delta));
    return Turn(inputs);
  }
  FieldMap Fields() {
    FieldMap fields;
    EXPECT_OK(store_->ScanFields(number_, [&](const Path& path, const stored::Field& field) {
      fields[path] = ValueOf(field);
      return true;
    }));
    return fields;
  }

  SessionNumber number_ = 0;
  uint64_t seq_ = 0;
};

TEST_F(DeltaStepTest, IncrementsSeeEarlierDeltasOfTheirTurnAndOfThemselves) {
  Commit({Both(Put("n", 5), Add("n", 1)), Add("n", 10), Add("m", 3)});
  EXPECT_EQ(Fields(), (FieldMap{{P("n"), 16}, {P("m"), 3}}));
  Commit({Add("n", 4)});
  EXPECT_EQ(Fields()[P("n")], Value(20));
}

TEST_F(DeltaStepTest, ADeltaIsAppliedWholeOrNotAtAll) {
  Commit({Put("text", "x")});
  EXPECT_THAT(Commit({Both(Put("a", 1), Add("text", 1)), Both(Add("a", INT64_MAX), Add("a", 1))}),
              ElementsAre("1/1 refused 2 WRONG_TYPE", "1/1 refused 3 OUT_OF_RANGE"));
  EXPECT_EQ(Fields(), (FieldMap{{P("text"), "x"}}));
  EXPECT_EQ(MetaOf(number_)->version(), 2u);
}

Delta SpliceDelta(const std::string& path, const std::string& base, uint64_t offset,
                  uint64_t remove_bytes, const std::string& insert) {
  return {{MakeSplice(P(path.c_str()), base, offset, remove_bytes, insert)}};
}

TEST_F(DeltaStepTest, SplicesSeeTheStoredValueAndEarlierDeltasOfTheirTurn) {
  Commit({Put("s", "abc")});
  Commit({SpliceDelta("s", "abc", 3, 0, "d"), SpliceDelta("s", "abcd", 0, 1, "")});
  EXPECT_EQ(Fields(), (FieldMap{{P("s"), "bcd"}}));
  EXPECT_THAT(Commit({SpliceDelta("s", "abc", 3, 0, "d"), SpliceDelta("t", "", 0, 0, "d"),
                      Both(Put("n", 1), SpliceDelta("n", "1", 0, 0, "d"))}),
              ElementsAre("1/1 refused 4 BASE_CHANGED", "1/1 refused 5 BASE_CHANGED",
                          "1/1 refused 6 BASE_CHANGED"));
  EXPECT_EQ(Fields(), (FieldMap{{P("s"), "bcd"}}));
}

TEST_F(DeltaStepTest, ASpliceCountsOnlyWhatItAdds) {
  std::string text(1'000, 'x');
  Commit({Put("s", text)});
  const uint64_t bytes = MetaOf(number_)->bytes_bound();
  for (int i = 0; i < 5; ++i) {
    Commit({SpliceDelta("s", text, text.size(), 0, "y")});
    text += "y";
  }
  EXPECT_EQ(MetaOf(number_)->bytes_bound(), bytes + 5);
}

TEST_F(DeltaStepTest, ANodeWithoutSplicesGetsTheWholeValue) {
  AttachInput knows = std::get<AttachInput>(Attach(3));
  knows.features = v1::FEATURE_SPLICE;
  Turn({knows});
  Turn({Open({3, 1}, "a")});
  Commit({Put("s", "abc")});
  EXPECT_THAT(
      Commit({SpliceDelta("s", "abc", 3, 0, "d")}),
      ElementsAre("1/1 applied 2 (2,3]", "forward (2,3] to 3/1#1", "forward (2,3] to 2/1#1"));
}

TEST_F(DeltaStepTest, ARefusedSpliceIsRefusedAgainWhenResent) {
  Commit({Put("s", "abc"), SpliceDelta("s", "ab", 0, 0, "d")});
  Turn({MachineBench::Commit(kOne, 3, 1, Put("s", "ab"))});
  EXPECT_THAT(Turn({MachineBench::Commit(kOne, 2, 1, SpliceDelta("s", "ab", 0, 0, "d"))}),
              ElementsAre("1/1 refused 2 BASE_CHANGED"));
}

Delta If(Delta delta, Version version, std::vector<FieldCondition> conditions = {}) {
  delta.if_version = version;
  delta.conditions = std::move(conditions);
  return delta;
}

TEST_F(DeltaStepTest, AVersionThatIsAskedForMustBeTheVersion) {
  Commit({Put("a", 1)});  // version 2
  EXPECT_THAT(Commit({If(Put("a", 2), 1), If(Put("a", 2), 3)}),
              ElementsAre("1/1 refused 2 VERSION_CHANGED", "1/1 refused 3 VERSION_CHANGED"));
  Commit({If(Put("a", 2), 2), If(Put("a", 3), 3)});
  EXPECT_EQ(Fields(), (FieldMap{{P("a"), 3}}));
}

TEST_F(DeltaStepTest, FieldConditionsLookAtTheFieldAndItsVersion) {
  Commit({Put("a", 1), Put("b", 1)});  // versions 2 and 3
  EXPECT_THAT(
      Commit({If(Put("x", 1), 0, {{P("a"), true, 0}}), If(Put("x", 1), 0, {{P("a"), false, 1}}),
              If(Put("x", 1), 0, {{P("a"), false, 2}, {P("b"), false, 2}})}),
      ElementsAre("1/1 refused 3 VERSION_CHANGED", "1/1 refused 4 VERSION_CHANGED",
                  "1/1 refused 5 VERSION_CHANGED"));
  Commit({If(Put("c", 1), 0, {{P("a"), false, 2}, {P("b"), false, 3}, {P("c"), true, 0}})});
  EXPECT_THAT(Commit({If(Put("c", 2), 0, {{P("c"), true, 0}})}),
              ElementsAre("1/1 refused 7 VERSION_CHANGED"));
  EXPECT_EQ(Fields()[P("c")], Value(1));
}

TEST_F(DeltaStepTest, AnAbsentFieldWasChangedByTheNewestErase) {
  Commit({If(Put("a", 1), 0, {{P("a"), false, 0}})});  // version 2, nothing was ever erased
  Commit({Erase("a")});                                // version 3
  EXPECT_THAT(Commit({If(Put("a", 2), 0, {{P("a"), false, 2}})}),
              ElementsAre("1/1 refused 3 VERSION_CHANGED"));
  Commit({If(Put("a", 2), 0, {{P("a"), false, 3}})});
  EXPECT_EQ(Fields()[P("a")], Value(2));
}

TEST_F(DeltaStepTest, ADeletionMayHaveAPrecondition) {
  Delta ends;
  ends.deletes_session = true;
  EXPECT_THAT(Commit({If(ends, 7)}), ElementsAre("1/1 refused 1 VERSION_CHANGED"));
  EXPECT_FALSE(MetaOf(number_)->dead());
  Commit({If(ends, 1)});
  EXPECT_TRUE(MetaOf(number_)->dead());
}

Delta After(Delta delta) {
  delta.after_previous = true;
  return delta;
}

TEST_F(DeltaStepTest, AfterAPreviousThatWasRefusedNothingIsApplied) {
  Commit({Put("text", "x")});
  EXPECT_THAT(Commit({Add("text", 1), After(Put("a", 1)), After(Put("b", 1))}),
              ElementsAre("1/1 refused 2 WRONG_TYPE", "1/1 refused 3 PREVIOUS_REFUSED",
                          "1/1 refused 4 PREVIOUS_REFUSED"));
  Commit({Put("c", 1), After(Put("d", 1))});
  EXPECT_EQ(Fields(), (FieldMap{{P("text"), "x"}, {P("c"), 1}, {P("d"), 1}}));
}

TEST_F(DeltaStepTest, TheFirstOfAnIncarnationHasNoPrevious) {
  Commit({After(Put("a", 1))});
  EXPECT_EQ(Fields()[P("a")], Value(1));
}

TEST_F(DeltaStepTest, ASubtreeEraseTakesWhatIsStoredAndWhatTheTurnHasPut) {
  Commit({Both(Put("a/b", 1), Put("ab", 1))});
  Commit({Both(Put("a", 2), Put("a/c", 2)), Both(EraseSubtree("a"), Put("a/d", 3))});
  EXPECT_EQ(Fields(), (FieldMap{{P("a/d"), 3}, {P("ab"), 1}}));
  EXPECT_EQ(MetaOf(number_)->last_erase_version(), 4u);
  Commit({Both(Put("a/e", 1), EraseSubtree("a/e"))});
  EXPECT_EQ(Fields(), (FieldMap{{P("a/d"), 3}, {P("ab"), 1}}));
}

TEST_F(DeltaStepTest, ErasesMoveTheLastEraseVersion) {
  Commit({Put("a", 1)});
  EXPECT_EQ(MetaOf(number_)->last_erase_version(), 0u);
  Commit({Erase("nothing")});
  EXPECT_EQ(MetaOf(number_)->last_erase_version(), 3u);
}

class SmallSessionTest : public DeltaStepTest {
 protected:
  static ShardMachineOptions Options() {
    ShardMachineOptions options;
    options.limits.session_bytes_max = 100;
    return options;
  }
  SmallSessionTest() : DeltaStepTest(Options()) {}
};

TEST_F(SmallSessionTest, ASessionMayReachItsBoundAndNotPassIt) {
  EXPECT_THAT(
      Commit({Put("a", std::string(98, 'x')), Put("b", true)}),
      ElementsAre("1/1 applied 1 (1,2]", "forward (1,2] to 2/1#1", "1/1 refused 2 LIMIT_EXCEEDED"));
  EXPECT_EQ(Fields().size(), 1u);
}

// The cheap bound counts every put; what it overcounts is found out before anything is refused.
TEST_F(SmallSessionTest, OverwritingIsNotGrowing) {
  for (int n = 0; n < 10; ++n) {
    EXPECT_EQ(Commit({Put("a", std::string(60, 'x'))}).size(), 2u) << n;
  }
  EXPECT_THAT(Commit({Put("b", std::string(37, 'x')), Put("c", std::string(37, 'x'))}),
              ElementsAre("1/1 refused 11 LIMIT_EXCEEDED", "1/1 refused 12 LIMIT_EXCEEDED"));
  EXPECT_EQ(Commit({Put("b", std::string(36, 'x'))}).size(), 2u);
  EXPECT_EQ(Commit({Both(EraseSubtree("a"), Put("c", std::string(60, 'x')))}).size(), 2u);
}

// Reads of whole sessions, counted in the store's place.
class CountedReadsTest : public SmallSessionTest {
 protected:
  // One delta in a turn; returns how often the turn reads the whole session.
  int Wholes(const Delta& delta) {
    const std::vector<Input> inputs = {MachineBench::Commit(kOne, ++seq_, 1, delta)};
    Loaded loaded;
    int wholes = 0;
    for (ReadSet reads = machine_.Plan(inputs, loaded, now_us_); !reads.empty();
         reads = machine_.Plan(inputs, loaded, now_us_)) {
      wholes += static_cast<int>(reads.field_ranges.size());
      EXPECT_OK(store_->Load(reads, &loaded));
    }
    EXPECT_OK(store_->Apply(machine_.Step(inputs, loaded, now_us_).record, true));
    return wholes;
  }
};

TEST_F(CountedReadsTest, ASessionThatStaysNearItsBoundIsNotCountedAgainAndAgain) {
  Commit({Put("a", std::string(90, 'x'))});
  int wholes = 0;
  for (char c = 'a'; c < 'z'; ++c) wholes += Wholes(Put("a", std::string(90, c)));
  EXPECT_EQ(wholes, 0);
  EXPECT_EQ(MetaOf(number_)->version(), 27u);
}

TEST_F(CountedReadsTest, ARefusedDeltaIsCountedOnceAndNotAgain) {
  Commit({Put("a", std::string(90, 'x'))});
  EXPECT_EQ(Wholes(Put("b", std::string(20, 'x'))), 1);
  EXPECT_EQ(MetaOf(number_)->bytes_bound(), 92u);
  for (int n = 0; n < 10; ++n) EXPECT_EQ(Wholes(Put("b", std::string(20, 'x'))), 0);
  EXPECT_EQ(MetaOf(number_)->version(), 2u);
  EXPECT_EQ(Wholes(Put("b", std::string(6, 'x'))), 0);
  EXPECT_EQ(MetaOf(number_)->bytes_bound(), 100u);
}

TEST_F(CountedReadsTest, TheSizeIsTrueAfterAnyDeltas) {
  sessionhub::testing::ForEachCase(20, [&](sessionhub::testing::Random& random) {
    for (int n = 0; n < 40; ++n) {
      std::vector<Delta> deltas;
      for (uint64_t m = sessionhub::testing::Below(random, 4); m > 0; --m) {
        const std::string path(1, static_cast<char>('a' + sessionhub::testing::Below(random, 4)));
        Delta delta = Put(path + "/x", std::string(sessionhub::testing::Below(random, 50), 'x'));
        if (sessionhub::testing::OneIn(random, 4)) delta = Both(std::move(delta), Erase("a/x"));
        if (sessionhub::testing::OneIn(random, 4)) delta = Both(EraseSubtree(path), delta);
        if (sessionhub::testing::OneIn(random, 6)) delta = Both(delta, Add("b/x", 1));
        deltas.push_back(std::move(delta));
      }
      Commit(deltas);
      for (const Effect& effect : effects_) {
        const auto* refused = std::get_if<RefusedEffect>(&effect);
        if (!refused || refused->refusal.reason == v1::WRONG_TYPE) continue;
        ASSERT_THAT(refused->refusal.message, HasSubstr("session_bytes_max = 100"));
      }
      const uint64_t bytes = SessionState{0, Fields()}.SizeBytes();
      const auto meta = MetaOf(number_);
      ASSERT_LE(bytes, 100u);
      ASSERT_LE(bytes, meta->bytes_bound());
      if (meta->bytes_exact()) {
        ASSERT_EQ(bytes, meta->bytes_bound());
      }
    }
  });
}

// The hub's state and its forwards agree with Apply, whatever the deltas and the turns are.
TEST(DeltaStepPropertyTest, StoreAndForwardsAgreeWithApply) {
  class Bench : public DeltaStepTest {
   public:
    Bench() : DeltaStepTest() {}
    void TestBody() override {}
    void Check(testing::Random& random) {
      FieldMap expected;
      FieldMap copy;
      for (int turn = 0; turn < 20; ++turn) {
        std::vector<Delta> deltas;
        for (uint64_t n = testing::Below(random, 4) + 1; n > 0; --n) {
          deltas.push_back(testing::RandomApplicableDelta(random, 4, expected));
          ASSERT_OK(sessionhub::Apply(deltas.back(), &expected));
        }
        Commit(deltas);
        for (const Effect& effect : effects_) {
          if (const auto* forward = std::get_if<ForwardEffect>(&effect)) {
            ASSERT_OK(sessionhub::Apply(Delta{forward->operations, false}, &copy));
          }
        }
        ASSERT_EQ(Fields(), expected);
        ASSERT_EQ(copy, expected);
      }
    }
  };
  testing::ForEachCase(100, [](testing::Random& random) { Bench().Check(random); });
}

}  // namespace
}  // namespace sessionhub::hub
