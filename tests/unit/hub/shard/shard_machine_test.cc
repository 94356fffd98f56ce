#include "hub/shard/shard_machine.h"

#include "hub/shard/dedupe.h"
#include "tests/unit/hub/shard/machine_bench.h"

namespace sessionhub::hub {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class ShardMachineTest : public MachineBench {};

// ---- opening ----

TEST_F(ShardMachineTest, OpenCreatesOnlyIfAsked) {
  Turn({Attach(1)});
  EXPECT_THAT(Turn({Open(kOne, "a", v1::CREATE_NEVER)}), ElementsAre("1/1 opened 1 NOT_FOUND"));
  EXPECT_EQ(NumberOf("a"), 0u);
  EXPECT_THAT(Turn({Open(kOne, "a")}),
              ElementsAre("1/1 opened 1 #1 created", "catch-up of 1/1#1 since 0"));
  EXPECT_EQ(MetaOf(NumberOf("a"))->version(), 1u);
  EXPECT_THAT(Turn({Open(kOne, "a", v1::CREATE_NEVER)}),
              ElementsAre("1/1 opened 1 #1", "catch-up of 1/1#1 since 0"));
}

TEST_F(ShardMachineTest, OnlyOneExclusiveCreationSucceeds) {
  Turn({Attach(1), Attach(2)});
  EXPECT_THAT(Turn({Open(kOne, "a", v1::CREATE_EXCLUSIVE), Open(kTwo, "a", v1::CREATE_EXCLUSIVE)}),
              ElementsAre("1/1 opened 1 #1 created", "2/1 opened 1 ALREADY_EXISTS",
                          "catch-up of 1/1#1 since 0"));
  EXPECT_THAT(Turn({Open(kTwo, "a", v1::CREATE_EXCLUSIVE)}),
              ElementsAre("2/1 opened 1 ALREADY_EXISTS"));
}

TEST_F(ShardMachineTest, AnExclusiveCreationThatIsSentAgainIsTheSameCreation) {
  const auto open = [](Origin origin, uint32_t request) {
    return OpenInput{origin, request, NameOf("a"), v1::CREATE_EXCLUSIVE, 0, 0, false, {}};
  };
  Turn({Attach(1), Attach(2)});
  EXPECT_THAT(Turn({open(kOne, 5), open(kOne, 5)}),
              ElementsAre("1/1 opened 5 #1 created", "1/1 opened 5 #1 created",
                          "catch-up of 1/1#1 since 0"));
  const SessionNumber number = NumberOf("a");
  // The answer was lost with the stream, and the lease with the hub's memory of the node.
  Turn({LeaseEndInput{1}, Attach(1, 2)});
  EXPECT_THAT(Turn({open({1, 2}, 5)}),
              ElementsAre("1/2 opened 5 #1 created", "catch-up of 1/2#1 since 0"));
  EXPECT_EQ(NumberOf("a"), number);
  EXPECT_THAT(Turn({open({1, 2}, 6)}), ElementsAre("1/2 opened 6 ALREADY_EXISTS"));
  EXPECT_THAT(Turn({open(kTwo, 5)}), ElementsAre("2/1 opened 5 ALREADY_EXISTS"));
}

TEST_F(ShardMachineTest, ASessionThatWasNotCreatedExclusivelyHasNoCreator) {
  Turn({Attach(1)});
  Turn({Open(kOne, "a")});
  EXPECT_THAT(Turn({Open(kOne, "a", v1::CREATE_EXCLUSIVE)}),
              ElementsAre("1/1 opened 1 ALREADY_EXISTS"));
}

TEST_F(ShardMachineTest, AnOpenOfAnotherLifeIsGone) {
  const SessionNumber number = OpenForAll(1);
  EXPECT_THAT(Turn({Open(kOne, "a", v1::CREATE_IF_MISSING, number + 256, 3)}),
              ElementsAre("1/1 opened 1 GONE"));
  EXPECT_THAT(Turn({Open(kOne, "b", v1::CREATE_IF_MISSING, number, 3)}),
              ElementsAre("1/1 opened 1 GONE"));
  EXPECT_EQ(NumberOf("b"), 0u);
}

TEST_F(ShardMachineTest, AVersionHeldCountsOnlyForTheLifeThatIsNamed) {
  const SessionNumber number = OpenForAll(1);
  EXPECT_THAT(Turn({Open(kOne, "a", v1::CREATE_NEVER, number, 1)}),
              ElementsAre("1/1 opened 1 #1", "catch-up of 1/1#1 since 1"));
  EXPECT_THAT(Turn({Open(kOne, "a", v1::CREATE_NEVER, 0, 1)}),
              ElementsAre("1/1 opened 1 #1", "catch-up of 1/1#1 since 0"));
}

TEST_F(ShardMachineTest, AnAppSeesOnlyItsOwnSessions) {
  const SessionNumber number = OpenForAll(1);
  Turn({Attach(9, 1, /*app=*/2)});
  EXPECT_THAT(Turn({CommitByNumber({9, 1}, 1, number, Put("x", 1))}),
              ElementsAre("9/1 refused 1 GONE"));
  EXPECT_EQ(MetaOf(number)->version(), 1u);
}

TEST(ShardMachineBoundsTest, HandlesOfANodeAreBounded) {
  ShardMachineOptions options;
  options.handles_per_node_max = 2;
  class Bench : public MachineBench {
   public:
    explicit Bench(const ShardMachineOptions& o) : MachineBench(o) {}
    void TestBody() override {
      Turn({Attach(1)});
      Turn({Open(kOne, "a"), Open(kOne, "b")});
      EXPECT_THAT(Turn({Open(kOne, "c")}), ElementsAre("1/1 opened 1 LIMIT_EXCEEDED"));
      EXPECT_EQ(NumberOf("c"), 0u);
      Turn({CloseInput{kOne, 1}});
      EXPECT_THAT(Turn({Open(kOne, "c")}),
                  ElementsAre("1/1 opened 1 #1 created", "catch-up of 1/1#1 since 0"));
    }
  };
  Bench(options).TestBody();
}

// ---- deltas ----

TEST_F(ShardMachineTest, CommitsByHandleAndByNumberGetConsecutiveVersions) {
  const SessionNumber number = OpenForAll(1);
  EXPECT_THAT(Turn({Commit(kOne, 1, 1, Put("x", 1)), CommitByNumber(kOne, 2, number, Put("y", 2))}),
              ElementsAre("1/1 applied 1 (1,2]", "1/1 applied 2 (2,3]"));
  EXPECT_EQ(MetaOf(number)->version(), 3u);
  EXPECT_EQ(FieldCountOf(number), 2u);
}

TEST_F(ShardMachineTest, AForwardGoesToAllButItsCommitter) {
  OpenForAll(3);
  EXPECT_THAT(Turn({Commit(kTwo, 1, 1, Add("x", 5))}),
              ElementsAre("2/1 applied 1 (1,2]", "forward (1,2] to 1/1#1 3/1#1"));
  const auto& forward = std::get<ForwardEffect>(effects_[1]);
  EXPECT_THAT(forward.operations,
              ElementsAre(Operation{Operation::Kind::kPut, testing::P("x"), Value(5)}));
}

TEST_F(ShardMachineTest, AResendIsAnsweredAndNotAppliedAgain) {
  const SessionNumber number = OpenForAll(2);
  Turn({Commit(kOne, 1, 1, Add("x", 1))});
  EXPECT_THAT(Turn({Commit(kOne, 1, 1, Add("x", 1))}), ElementsAre("1/1 already 1 in 2"));
  EXPECT_THAT(Turn({Commit(kOne, 2, 1, Add("x", 1)), Commit(kOne, 2, 1, Add("x", 1))}),
              ElementsAre("1/1 applied 2 (2,3]", "forward (2,3] to 2/1#1", "1/1 already 2 in 3"));
  EXPECT_EQ(MetaOf(number)->version(), 3u);
  EXPECT_EQ(machine_.counters().deltas_duplicate, 2u);
}

TEST_F(ShardMachineTest, ARefusalIsRememberedWhateverHappensSince) {
  const SessionNumber number = OpenForAll(1);
  Turn({Commit(kOne, 1, 1, Put("x", "text"))});
  EXPECT_THAT(Turn({Commit(kOne, 2, 1, Add("x", 1))}), ElementsAre("1/1 refused 2 WRONG_TYPE"));
  Turn({Commit(kOne, 3, 1, Erase("x"))});  // now it would apply
  ShardMachine restarted({});
  std::swap(machine_, restarted);
  Turn({Attach(1, 1)});
  EXPECT_THAT(Turn({CommitByNumber(kOne, 2, number, Add("x", 1)),
                    CommitByNumber(kOne, 3, number, Erase("x"))}),
              ElementsAre("1/1 refused 2 WRONG_TYPE", "1/1 already 3 in 3"));
}

TEST_F(ShardMachineTest, AnIllegalDeltaIsRefusedInItsPlace) {
  OpenForAll(1);
  CommitInput illegal = std::get<CommitInput>(Commit(kOne, 1, 1, {}));
  illegal.admission = absl::InvalidArgumentError("bad path");
  EXPECT_THAT(Turn({illegal, Commit(kOne, 2, 1, Put("x", 1))}),
              ElementsAre("1/1 refused 1 INVALID_ARGUMENT", "1/1 applied 2 (1,2]"));
  EXPECT_THAT(Turn({Commit(kOne, 1, 1, Put("x", 1))}),
              ElementsAre("1/1 refused 1 INVALID_ARGUMENT"));
}

TEST_F(ShardMachineTest, AnUnknownHandleRefusesItsDeltaAlone) {
  OpenForAll(1);
  EXPECT_THAT(Turn({Commit(kOne, 1, 7, Put("x", 1)), Commit(kOne, 2, 0, Put("x", 1)),
                    Commit(kOne, 3, 1, Put("x", 1))}),
              ElementsAre("1/1 refused 1 UNKNOWN_HANDLE", "1/1 refused 2 UNKNOWN_HANDLE",
                          "1/1 applied 3 (1,2]"));
}

TEST_F(ShardMachineTest, SeenAnswersAreForgotten) {
  const SessionNumber number = OpenForAll(2);
  Turn({Commit(kOne, 1, 1, Put("x", 1)), Commit(kTwo, 1, 1, Put("y", 1))});
  EXPECT_EQ(MetaOf(number)->writers_size(), 2);
  Turn({Commit(kOne, 2, 1, Put("x", 2), /*seen_through=*/1)});
  EXPECT_EQ(MetaOf(number)->writers_size(), 2);
  Turn({Commit(kTwo, 2, 1, Put("y", 2), 1), Commit(kOne, 3, 1, Put("x", 3), 2)});
  Turn({Commit(kTwo, 3, 1, Put("y", 3), 2)});
  EXPECT_EQ(MetaOf(number)->writers_size(), 2);  // node 1 has not told that it has seen 3
}

TEST_F(ShardMachineTest, WritersOfASessionAreBounded) {
  const SessionNumber number = OpenForAll(1);
  for (NodeNumber node = 1; node <= 256; ++node) {
    Turn({Attach(node), CommitByNumber({node, 1}, 1, number, Put("x", 1))});
  }
  EXPECT_THAT(Turn({Attach(257), CommitByNumber({257, 1}, 1, number, Put("x", 1))}),
              ElementsAre("257/1 refused 1 LIMIT_EXCEEDED"));
  Turn({CommitByNumber({1, 1}, 2, number, Put("x", 1))});  // a row of its own
  EXPECT_EQ(MetaOf(number)->version(), 258u);
}

// The answers to both are lost on their way, so the node sends both again.
TEST_F(ShardMachineTest, ADeltaRefusedForWantOfARowStaysRefusedOnceThereIsOne) {
  const SessionNumber number = OpenForAll(1);
  for (NodeNumber node = 1; node <= 256; ++node) {
    Turn({Attach(node), CommitByNumber({node, 1}, 1, number, Put("x", 1))});
  }
  EXPECT_THAT(Turn({Attach(257), CommitByNumber({257, 1}, 1, number, Put("x", 1))}),
              ElementsAre("257/1 refused 1 LIMIT_EXCEEDED"));
  Turn({SeenInput{{256, 1}, 1}});
  const std::vector<std::string> applied = Turn({CommitByNumber({257, 1}, 2, number, Put("x", 2))});
  ASSERT_FALSE(applied.empty());
  EXPECT_EQ(applied.front(), "257/1 applied 2 (257,258]");
  EXPECT_THAT(Turn({CommitByNumber({257, 1}, 1, number, Put("x", 1)),
                    CommitByNumber({257, 1}, 2, number, Put("x", 2))}),
              ElementsAre("257/1 refused 1 LIMIT_EXCEEDED", "257/1 already 2 in 258"));
  EXPECT_EQ(MetaOf(number)->version(), 258u);
}

// A node that never says which answers have arrived costs a session no more than the bound.
TEST_F(ShardMachineTest, RefusalsThatNobodyHasSeenAreBoundedAndWhatIsSentThenIsRefused) {
  const SessionNumber number = OpenForAll(1);
  Turn({Commit(kOne, 1, 1, Put("x", "text"))});
  uint64_t seq = 1;
  for (int run = 0; run < kRefusedRunsMax; ++run) {
    Turn({Commit(kOne, seq + 1, 1, Add("x", 1)), Commit(kOne, seq + 2, 1, Put("y", 1))});
    seq += 2;
  }
  const uint64_t version = MetaOf(number)->version();
  EXPECT_THAT(Turn({Commit(kOne, seq + 1, 1, Put("y", 2))}),
              ElementsAre("1/1 refused " + std::to_string(seq + 1) + " LIMIT_EXCEEDED"));
  EXPECT_THAT(Turn({Commit(kOne, seq + 1, 1, Put("y", 2))}),
              ElementsAre("1/1 refused " + std::to_string(seq + 1) + " LIMIT_EXCEEDED"))
      << "sent again";
  EXPECT_EQ(MetaOf(number)->version(), version);
  EXPECT_EQ(MetaOf(number)->writers(0).refused_size(), kRefusedRunsMax + 1);
  Turn({SeenInput{kOne, seq + 1}});
  Turn({Commit(kOne, seq + 2, 1, Put("y", 3))});
  EXPECT_EQ(MetaOf(number)->version(), version + 1);
  EXPECT_EQ(MetaOf(number)->writers(0).refused_size(), 0);
}

TEST_F(ShardMachineTest, AnswersSeenWithoutADeltaAreForgottenEvenAfterTheLease) {
  const SessionNumber number = OpenForAll(2);
  Turn({Commit(kOne, 1, 1, Put("x", 1))});
  EXPECT_EQ(MetaOf(number)->writers_size(), 1);
  Turn({SeenInput{kOne, 1}, DetachInput{kOne}, LeaseEndInput{1}});
  Turn({Commit(kTwo, 1, 1, Put("y", 1))});
  ASSERT_EQ(MetaOf(number)->writers_size(), 1);
  EXPECT_EQ(MetaOf(number)->writers(0).incarnation()[0], 2);
}

TEST_F(ShardMachineTest, ASessionOutlivesAnyNumberOfWriters) {
  const SessionNumber number = OpenForAll(1);
  for (NodeNumber node = 2; node <= 600; ++node) {
    const std::string from = std::to_string(node - 1);
    const std::string to = std::to_string(node);
    EXPECT_EQ(Turn({Attach(node), CommitByNumber({node, 1}, 1, number, Put("x", 1)),
                    DetachInput{{node, 1}}, LeaseEndInput{node}})
                  .front(),
              to + "/1 applied 1 (" + from + "," + to + "]");
  }
  EXPECT_EQ(MetaOf(number)->writers_size(), 256);
}

TEST_F(ShardMachineTest, AWriterWhoseRowIsTakenIsEndedDurablyAndMayNotAttachAgain) {
  const SessionNumber number = OpenForAll(1);
  for (NodeNumber node = 2; node <= 257; ++node) {
    Turn({Attach(node), CommitByNumber({node, 1}, 1, number, Put("x", 1)), DetachInput{{node, 1}},
          LeaseEndInput{node}});
  }
  Turn({Commit(kOne, 1, 1, Put("x", 2))});  // takes the place of node 2
  ASSERT_EQ(record_.incarnations.size(), 1u);
  EXPECT_EQ(record_.incarnations[0].key[0], 2);
  EXPECT_FALSE(record_.incarnations[0].record.has_value());
  EXPECT_THAT(Turn({Attach(2, 2), CommitByNumber({2, 2}, 1, number, Put("x", 1))}),
              ElementsAre("2/2 ended"));
  EXPECT_EQ(MetaOf(number)->version(), 258u);  // its resend is not applied a second time
}

// ---- attaches ----

TEST_F(ShardMachineTest, InputsOfAnOlderAttachAreDropped) {
  const SessionNumber number = OpenForAll(1);
  Turn({Attach(1, 2)});
  EXPECT_THAT(Turn({Commit(kOne, 1, 1, Put("x", 1)), Open(kOne, "b"), CloseInput{kOne, 1},
                    ResumeInput{kOne, 1, 1}, DetachInput{kOne}, RoomInput{kOne}}),
              IsEmpty());
  EXPECT_EQ(NumberOf("b"), 0u);
  EXPECT_THAT(Turn({Commit({1, 2}, 1, 1, Put("x", 1))}), ElementsAre("1/2 applied 1 (1,2]"));
  EXPECT_EQ(MetaOf(number)->version(), 2u);
}

TEST_F(ShardMachineTest, APairIsSilentUntilItIsResumed) {
  OpenForAll(2);
  Turn({Attach(2, 2)});
  EXPECT_THAT(Turn({Commit(kOne, 1, 1, Put("x", 1))}), ElementsAre("1/1 applied 1 (1,2]"));
  EXPECT_THAT(Turn({ResumeInput{{2, 2}, 1, 1}}), ElementsAre("catch-up of 2/2#1 since 1"));
  EXPECT_THAT(Turn({Commit(kOne, 2, 1, Put("x", 2))}),
              ElementsAre("1/1 applied 2 (2,3]", "forward (2,3] to 2/2#1"));
}

TEST_F(ShardMachineTest, ADetachedNodeHearsNothing) {
  OpenForAll(2);
  Turn({DetachInput{kTwo}});
  EXPECT_THAT(Turn({Commit(kOne, 1, 1, Put("x", 1))}), ElementsAre("1/1 applied 1 (1,2]"));
}

TEST_F(ShardMachineTest, TheEndOfALeaseEndsInterestAndHandles) {
  OpenForAll(2);
  Turn({DetachInput{kTwo}, LeaseEndInput{2}});
  EXPECT_EQ(machine_.index().HandleCountOf(2), 0u);
  Turn({Attach(2, 2)});
  EXPECT_THAT(Turn({ResumeInput{{2, 2}, 1, 1}}), ElementsAre("UNKNOWN told to 2/2#1"));
}

// ---- lapse ----

TEST_F(ShardMachineTest, ALapsedPairGetsNothingUntilThereIsRoomThenACatchUp) {
  const SessionNumber number = OpenForAll(2);
  Turn({Commit(kOne, 1, 1, Put("x", 1))});
  const LapsedPair lapsed{kTwo, number, 1};
  machine_.Released({&lapsed, 1}, {});
  EXPECT_EQ(machine_.counters().lapses, 1u);
  EXPECT_FALSE(machine_.HasCatchUpsDue());
  EXPECT_THAT(Turn({Commit(kOne, 2, 1, Put("x", 2))}), ElementsAre("1/1 applied 2 (2,3]"));
  EXPECT_THAT(Turn({RoomInput{kTwo}, Commit(kOne, 3, 1, Put("x", 3))}),
              ElementsAre("1/1 applied 3 (3,4]", "catch-up of 2/1#1 since 1"));
  EXPECT_THAT(Turn({Commit(kOne, 4, 1, Put("x", 4))}),
              ElementsAre("1/1 applied 4 (4,5]", "forward (4,5] to 2/1#1"));
}

TEST_F(ShardMachineTest, ALapseOfAnOlderAttachMeansNothing) {
  const SessionNumber number = OpenForAll(2);
  Turn({Attach(2, 2)});
  Turn({ResumeInput{{2, 2}, 1, 1}});
  const LapsedPair lapsed{kTwo, number, 1};
  machine_.Released({&lapsed, 1}, {});
  EXPECT_EQ(machine_.counters().lapses, 0u);
}

TEST_F(ShardMachineTest, ResumesOfABlockedNodeTakeNoMoreMemoryThanItsPairs) {
  const SessionNumber number = OpenForAll(2);
  const LapsedPair lapsed{kTwo, number, 1};
  machine_.Released({&lapsed, 1}, {});
  for (int i = 0; i < 100; ++i) EXPECT_THAT(Turn({ResumeInput{kTwo, 1, 1}}), IsEmpty());
  EXPECT_EQ(machine_.behind_count(), 1u);
  EXPECT_THAT(Turn({RoomInput{kTwo}}), ElementsAre("catch-up of 2/1#1 since 1"));
}

TEST(ShardMachineBoundsTest, CatchUpsOfATurnAreBounded) {
  ShardMachineOptions options;
  options.catch_ups_per_turn_max = 2;
  class Bench : public MachineBench {
   public:
    explicit Bench(const ShardMachineOptions& o) : MachineBench(o) {}
    void TestBody() override {
      Turn({Attach(1)});
      EXPECT_EQ(Turn({Open(kOne, "a"), Open(kOne, "b"), Open(kOne, "c")}).size(), 3u + 2u);
      EXPECT_TRUE(machine_.HasCatchUpsDue());
      EXPECT_EQ(Turn({}).size(), 1u);
      EXPECT_FALSE(machine_.HasCatchUpsDue());
    }
  };
  Bench(options).TestBody();
}

TEST(ShardMachineBoundsTest, NodesThatWaitForCatchUpsTakeTurns) {
  ShardMachineOptions options;
  options.catch_ups_per_turn_max = 2;
  class Bench : public MachineBench {
   public:
    explicit Bench(const ShardMachineOptions& o) : MachineBench(o) {}
    void TestBody() override {
      std::vector<Input> opens;
      for (const NodeNumber node : {1, 2, 3}) {
        Turn({Attach(node)});
        for (const char* id : {"a", "b", "c"}) opens.push_back(Open({node, 1}, id));
      }
      // Two for one node, not one for each: what a node is told in a turn takes a frame.
      EXPECT_EQ(Turn(opens).size(), 9u + 2u);
      EXPECT_THAT(Turn({}),
                  ElementsAre(StartsWith("catch-up of 2/"), StartsWith("catch-up of 2/")));
      EXPECT_THAT(Turn({}),
                  ElementsAre(StartsWith("catch-up of 3/"), StartsWith("catch-up of 3/")));
      EXPECT_THAT(Turn({}),
                  ElementsAre(StartsWith("catch-up of 1/"), StartsWith("catch-up of 2/")));
      EXPECT_THAT(Turn({}), ElementsAre(StartsWith("catch-up of 3/")));
      EXPECT_FALSE(machine_.HasCatchUpsDue());
    }
  };
  Bench(options).TestBody();
}

// ---- the end of a session ----

TEST_F(ShardMachineTest, ADeleteTellsEveryoneAndIsRememberedByItsNumber) {
  const SessionNumber number = OpenForAll(2);
  EXPECT_THAT(Turn({Commit(kOne, 1, 1, EndOfSession())}),
              ElementsAre("1/1 applied 1 (1,2]", "DELETED told to 1/1#1 2/1#1"));
  EXPECT_EQ(NumberOf("a"), 0u);
  EXPECT_TRUE(MetaOf(number)->dead());
  EXPECT_THAT(Turn({CommitByNumber(kOne, 1, number, EndOfSession())}),
              ElementsAre("1/1 already 1 in 2"));
}

TEST_F(ShardMachineTest, ALateWriterToADeadNumberIsGone) {
  const SessionNumber number = OpenForAll(2);
  Turn({Commit(kOne, 1, 1, EndOfSession()), Open(kOne, "a")});
  EXPECT_NE(NumberOf("a"), number);
  EXPECT_THAT(Turn({Commit(kTwo, 1, 1, Put("x", 1)), CommitByNumber(kTwo, 2, number, Put("x", 1)),
                    CommitByNumber(kTwo, 3, number, EndOfSession())}),
              ElementsAre("2/1 refused 1 GONE", "2/1 refused 2 GONE", "2/1 refused 3 GONE"));
  EXPECT_THAT(Turn({ResumeInput{kTwo, 1, 1}}), ElementsAre("DELETED told to 2/1#1"));
  EXPECT_EQ(FieldCountOf(number), 0u);
  EXPECT_EQ(MetaOf(NumberOf("a"))->version(), 1u);
}

// A resend must never be told "gone" of a delta that was applied, however late it comes.
TEST_F(ShardMachineTest, ADeadSessionIsKeptAsLongAsAWriterMayStillResend) {
  const uint64_t horizon_us = ShardMachineOptions().resend_horizon_us;
  const SessionNumber number = OpenForAll(1);
  StoreIncarnation(1, true);
  Turn({Commit(kOne, 1, 1, Put("x", 1)), DeleteInput{1, NameOf("a")}});
  Turn({TickInput{}});
  for (int round = 0; round < 20; ++round) {
    now_us_ += horizon_us;
    Turn({TickInput{}});
    ASSERT_TRUE(MetaOf(number)) << "round " << round;
  }
  EXPECT_THAT(Turn({CommitByNumber(kOne, 1, number, Put("x", 1))}),
              ElementsAre("1/1 already 1 in 2"));
  StoreIncarnation(1, false);
  Turn({LeaseEndInput{1}});
  now_us_ += horizon_us;
  Turn({TickInput{}});
  EXPECT_FALSE(MetaOf(number));
}

TEST_F(ShardMachineTest, ADeadSessionGoesAtTheHorizonIfItsWritersHaveSeenTheirAnswers) {
  const SessionNumber number = OpenForAll(1);
  StoreIncarnation(1, true);
  Turn({Commit(kOne, 1, 1, EndOfSession())});
  Turn({SeenInput{kOne, 1}, TickInput{}});
  now_us_ += ShardMachineOptions().resend_horizon_us - 1;
  Turn({TickInput{}});
  EXPECT_TRUE(MetaOf(number));
  now_us_ += 1;
  Turn({TickInput{}});
  EXPECT_FALSE(MetaOf(number));
  EXPECT_THAT(Turn({CommitByNumber(kOne, 2, number, Put("x", 1))}),
              ElementsAre("1/1 refused 2 GONE"));
}

TEST_F(ShardMachineTest, RowsOfEndedIncarnationsGoWhenTheirSessionIsWritten) {
  const SessionNumber number = OpenForAll(3);
  for (uint8_t node = 1; node <= 3; ++node) StoreIncarnation(node, true);
  for (NodeNumber node = 1; node <= 3; ++node) Turn({Commit({node, 1}, 1, 1, Put("x", 1))});
  EXPECT_EQ(MetaOf(number)->writers_size(), 3);
  StoreIncarnation(2, false);
  now_us_ += ShardMachineOptions().resend_horizon_us;
  Turn({Commit(kOne, 2, 1, Put("x", 2))});
  EXPECT_EQ(MetaOf(number)->writers_size(), 3);
  EXPECT_THAT(Turn({Commit(kTwo, 1, 1, Put("x", 1))}), ElementsAre("2/1 already 1 in 3"))
      << "what it has sent may have waited here";
  Turn({LeaseEndInput{2}});
  now_us_ += ShardMachineOptions().resend_horizon_us;
  Turn({Commit(kOne, 3, 1, Put("x", 3))});
  ASSERT_EQ(MetaOf(number)->writers_size(), 2);
  EXPECT_EQ(MetaOf(number)->writers(1).incarnation()[0], 3);
  EXPECT_THAT(Turn({Commit({3, 1}, 1, 1, Put("x", 1))}), ElementsAre("3/1 already 1 in 4"));
}

TEST_F(ShardMachineTest, AHandleIsReusedOnlyAfterItsNodeClosedIt) {
  OpenForAll(1);
  Turn({Commit(kOne, 1, 1, EndOfSession())});
  EXPECT_THAT(Turn({Open(kOne, "b")}),
              ElementsAre("1/1 opened 1 #2 created", "catch-up of 1/1#2 since 0"));
  Turn({CloseInput{kOne, 1}});
  EXPECT_THAT(Turn({Open(kOne, "c")}),
              ElementsAre("1/1 opened 1 #1 created", "catch-up of 1/1#1 since 0"));
}

TEST_F(ShardMachineTest, AClosedPairHearsNothing) {
  OpenForAll(2);
  EXPECT_THAT(Turn({CloseInput{kTwo, 1}, Commit(kOne, 1, 1, Put("x", 1))}),
              ElementsAre("1/1 applied 1 (1,2]"));
}

TEST_F(ShardMachineTest, AnOperatorDeletesByName) {
  OpenForAll(1);
  EXPECT_THAT(Turn({DeleteInput{5, NameOf("a")}, DeleteInput{6, NameOf("a")}}),
              ElementsAre("DELETED told to 1/1#1", "deleted 5 ok", "deleted 6 not found"));
}

TEST_F(ShardMachineTest, HubTimeIsStoredNowAndThen) {
  OpenForAll(1);
  now_us_ += 999'999;
  Turn({Commit(kOne, 1, 1, Put("x", 1))});
  EXPECT_FALSE(record_.hub_time);
  now_us_ += 1;
  Turn({Commit(kOne, 2, 1, Put("x", 1))});
  EXPECT_EQ(record_.hub_time, now_us_);
}

}  // namespace
}  // namespace sessionhub::hub
