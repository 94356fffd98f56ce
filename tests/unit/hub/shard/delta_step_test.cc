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

constexpr Origin kOne{1, 1};

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
