// Pairs whose catch-up is too large for a turn.
#include <gmock/gmock.h>

#include <algorithm>

#include "tests/unit/hub/shard/machine_bench.h"

namespace sessionhub::hub {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ShardMachineReadsTest : public MachineBench {
 protected:
  explicit ShardMachineReadsTest(const ShardMachineOptions& options = {}) : MachineBench(options) {}

  // Node 1 has "a" open and node 2 opens it; its catch-up is found to be large. The number of the
  // read.
  uint64_t Begin(bool started = true) {
    session_ = OpenForAll(1);
    Turn({Attach(2)});
    EXPECT_THAT(Turn({Open(kTwo, "a")}),
                ElementsAre("2/1 opened 1 #1", "catch-up of 2/1#1 since 0"));
    return Answer(started);
  }
  // Tells the machine that the catch-up it has just asked for is large.
  uint64_t Answer(bool started = true) {
    const auto catch_up = std::find_if(effects_.begin(), effects_.end(), [](const Effect& effect) {
      return std::holds_alternative<CatchUpEffect>(effect);
    });
    const auto& effect = std::get<CatchUpEffect>(*catch_up);
    LargePair large;
    large.started = started;
    large.read.number = effect.read;
    large.read.node = effect.target.node;
    large.read.session = effect.session;
    large.read.since = effect.since;
    large.read.replace = effect.since == 0;
    large.read.version = MetaOf(effect.session)->version();
    machine_.Released({}, {&large, 1});
    return effect.read;
  }
  std::vector<std::string> TurnAndRelease(const std::vector<Input>& inputs) {
    auto texts = Turn(inputs);
    machine_.Released({}, {});
    return texts;
  }
  Input Done(uint64_t read, absl::Status status = absl::OkStatus()) const {
    return ReadDoneInput{2, session_, read, std::move(status)};
  }
  static std::string EndOf(uint64_t read) { return "end of read " + std::to_string(read); }

  SessionNumber session_ = 0;
};

TEST_F(ShardMachineReadsTest, APairGetsNothingWhileItIsReadAndThenWhatHasChanged) {
  const uint64_t read = Begin();
  EXPECT_FALSE(machine_.HasCatchUpsDue());
  EXPECT_THAT(TurnAndRelease({Commit(kOne, 1, 1, Put("x", 1))}),
              ElementsAre("1/1 applied 1 (1,2]"));
  // A change of the very turn in which the pair goes live is in the catch-up, not a forward.
  EXPECT_THAT(TurnAndRelease({Done(read), Commit(kOne, 2, 1, Erase("x"))}),
              ElementsAre("1/1 applied 2 (2,3]", "finish of 2/1#1 from 1 with 2 changes"));
  EXPECT_THAT(TurnAndRelease({Commit(kOne, 3, 1, Put("x", 2))}),
              ElementsAre("1/1 applied 3 (3,4]", "forward (3,4] to 2/1#1"));
  EXPECT_EQ(machine_.counters().catch_ups, 2u);
  EXPECT_EQ(machine_.counters().large_catch_ups, 1u);
}

TEST_F(ShardMachineReadsTest, AnotherReadsEndMeansNothing) {
  const uint64_t read = Begin();
  EXPECT_THAT(TurnAndRelease({Done(read + 1)}), IsEmpty());
  EXPECT_THAT(TurnAndRelease({ReadDoneInput{1, session_, read, absl::OkStatus()}}), IsEmpty());
  EXPECT_THAT(TurnAndRelease({Done(read)}), ElementsAre("finish of 2/1#1 from 1 with 0 changes"));
  EXPECT_THAT(TurnAndRelease({Done(read)}), IsEmpty());
}

TEST_F(ShardMachineReadsTest, ALastPartWithoutRoomIsTriedAgain) {
  const uint64_t read = Begin();
  Turn({Done(read), Commit(kOne, 1, 1, Put("x", 1))});
  const LapsedPair lapsed{kTwo, session_, 0};
  machine_.Released({&lapsed, 1}, {});
  EXPECT_FALSE(machine_.HasCatchUpsDue());
  EXPECT_THAT(TurnAndRelease({Commit(kOne, 2, 1, Put("x", 2))}),
              ElementsAre("1/1 applied 2 (2,3]"));
  EXPECT_THAT(TurnAndRelease({RoomInput{kTwo}}),
              ElementsAre("finish of 2/1#1 from 1 with 2 changes"));
  EXPECT_THAT(TurnAndRelease({Commit(kOne, 3, 1, Put("x", 3))}),
              ElementsAre("1/1 applied 3 (3,4]", "forward (3,4] to 2/1#1"));
}

TEST_F(ShardMachineReadsTest, ResumesAndOpensOfTheCopyDoNotBeginAnew) {
  const uint64_t read = Begin();
  EXPECT_THAT(TurnAndRelease({ResumeInput{kTwo, 1, 0}}), IsEmpty());
  EXPECT_THAT(TurnAndRelease({Open(kTwo, "a", v1::CREATE_NEVER, session_)}),
              ElementsAre("2/1 opened 1 #1"));
  EXPECT_THAT(TurnAndRelease({Done(read)}), ElementsAre("finish of 2/1#1 from 1 with 0 changes"));
}

TEST_F(ShardMachineReadsTest, AnOpenThatHoldsNothingBeginsAnew) {
  const uint64_t read = Begin();
  EXPECT_THAT(Turn({Open(kTwo, "a")}),
              ElementsAre(EndOf(read), "2/1 opened 1 #1", "catch-up of 2/1#1 since 0"));
  const uint64_t next = Answer();
  EXPECT_NE(next, read);
  EXPECT_THAT(TurnAndRelease({Done(read)}), IsEmpty());
  EXPECT_THAT(TurnAndRelease({Done(next)}), ElementsAre("finish of 2/1#1 from 1 with 0 changes"));
}

TEST_F(ShardMachineReadsTest, AResumeFromBeforeTheReadBeginsAnew) {
  Begin();
  TurnAndRelease({Commit(kOne, 1, 1, Put("x", 1)), Commit(kOne, 2, 1, Put("x", 2))});
  Turn({Attach(2, 2)});
  Turn({ResumeInput{{2, 2}, 1, 2}});
  const uint64_t read = Answer();
  EXPECT_THAT(TurnAndRelease({ResumeInput{{2, 2}, 1, 2}}), IsEmpty());
  EXPECT_THAT(Turn({ResumeInput{{2, 2}, 1, 1}}),
              ElementsAre(EndOf(read), "catch-up of 2/2#1 since 1"));
}

TEST_F(ShardMachineReadsTest, WhateverEndsThePairEndsTheRead) {
  const std::vector<std::pair<Input, std::vector<std::string>>> ends = {
      {CloseInput{kTwo, 1}, {}},
      {DetachInput{kTwo}, {}},
      {LeaseEndInput{2}, {}},
      {Attach(2, 2), {}},
      {Commit(kOne, 1, 1, EndOfSession()), {"1/1 applied 1 (1,2]", "DELETED told to 1/1#1 2/1#1"}},
      {DeleteInput{5, NameOf("a")}, {"DELETED told to 1/1#1 2/1#1", "deleted 5 ok"}}};
  for (const auto& [input, told] : ends) {
    machine_ = ShardMachine({});
    store_ = MemoryStore::Create(HistoryId{});
    const uint64_t read = Begin();
    std::vector<std::string> texts = TurnAndRelease({input});
    EXPECT_EQ(std::erase(texts, EndOf(read)), 1);
    EXPECT_EQ(texts, told);
    EXPECT_THAT(TurnAndRelease({Done(read)}), IsEmpty());
  }
}

TEST_F(ShardMachineReadsTest, WhatCannotBeReadEndsTheInterestAndNothingElse) {
  const uint64_t read = Begin();
  EXPECT_THAT(TurnAndRelease({Done(read, absl::DataLossError("damaged"))}),
              ElementsAre(EndOf(read), "UNREADABLE told to 2/1#1"));
  EXPECT_THAT(TurnAndRelease({Commit(kOne, 1, 1, Put("x", 1)), Commit(kTwo, 1, 1, Put("y", 1))}),
              ElementsAre("1/1 applied 1 (1,2]", "2/1 applied 1 (2,3]", "forward (2,3] to 1/1#1"));
  EXPECT_THAT(Turn({CloseInput{kTwo, 1}, Open(kTwo, "a")}),
              ElementsAre("2/1 opened 1 #1", "catch-up of 2/1#1 since 0"));
}

TEST_F(ShardMachineReadsTest, WhoFindsNoReaderFreeWaitsForOne) {
  const uint64_t read = Begin();
  Turn({Open(kTwo, "b")});
  Answer(/*started=*/false);
  EXPECT_FALSE(machine_.HasCatchUpsDue());
  TurnAndRelease({Done(read)});
  EXPECT_TRUE(machine_.HasCatchUpsDue());
  EXPECT_THAT(Turn({}), ElementsAre("catch-up of 2/1#2 since 0"));
}

// It is looked at before the last read ends, in the same turn, and no other end will come.
TEST_F(ShardMachineReadsTest, WhoFindsNoReaderFreeInTheTurnOfTheLastEndIsNotForgotten) {
  const uint64_t read = Begin();
  EXPECT_THAT(Turn({Open(kTwo, "b"), Done(read)}),
              ElementsAre("2/1 opened 1 #2 created", "catch-up of 2/1#2 since 0",
                          "finish of 2/1#1 from 1 with 0 changes"));
  Answer(/*started=*/false);
  EXPECT_TRUE(machine_.HasCatchUpsDue());
  EXPECT_THAT(TurnAndRelease({}), ElementsAre("catch-up of 2/1#2 since 0"));
}

// Or one that is opened late, with a high number, could wait for ever.
TEST_F(ShardMachineReadsTest, WhoHasWaitedLongestIsReadFirst) {
  const uint64_t read = Begin();
  for (const char* id : {"e", "b", "d", "c"}) {
    Turn({Open(kTwo, id)});
    Answer(/*started=*/false);
  }
  TurnAndRelease({Done(read)});
  EXPECT_THAT(Turn({}), ElementsAre("catch-up of 2/1#2 since 0", "catch-up of 2/1#3 since 0",
                                    "catch-up of 2/1#4 since 0", "catch-up of 2/1#5 since 0"));
}

class SmallChangesTest : public ShardMachineReadsTest {
 protected:
  static ShardMachineOptions Options() {
    ShardMachineOptions options;
    options.read_changes_bytes_max = 2 * 10;  // two changes of 10 bytes
    return options;
  }
  SmallChangesTest() : ShardMachineReadsTest(Options()) {}
  Input Change(uint64_t seq) { return Commit(kOne, seq, 1, Put("x", 1)); }
};

TEST_F(SmallChangesTest, ChangesAreKeptUpToTheBoundAndNotPastIt) {
  const uint64_t read = Begin();
  TurnAndRelease({Change(1), Change(2)});
  EXPECT_THAT(TurnAndRelease({Done(read)}), ElementsAre("finish of 2/1#1 from 1 with 2 changes"));
  EXPECT_FALSE(machine_.HasCatchUpsDue());
}

TEST_F(SmallChangesTest, APairThatIsOverrunGetsToTheReadsVersionAndGoesOnFromThere) {
  const uint64_t read = Begin();
  TurnAndRelease({Change(1), Change(2), Change(3)});
  EXPECT_THAT(TurnAndRelease({Done(read)}),
              ElementsAre("finish of 2/1#1 from 1 with 0 changes, overrun"));
  EXPECT_TRUE(machine_.HasCatchUpsDue());
  EXPECT_THAT(Turn({Change(4)}), ElementsAre("1/1 applied 4 (4,5]", "catch-up of 2/1#1 since 1"));
  const uint64_t next = Answer();
  EXPECT_THAT(TurnAndRelease({Done(next)}), ElementsAre("finish of 2/1#1 from 5 with 0 changes"));
}

TEST_F(SmallChangesTest, AnOverrunPairWithoutRoomIsTriedAgain) {
  const uint64_t read = Begin();
  TurnAndRelease({Change(1), Change(2), Change(3)});
  Turn({Done(read)});
  const LapsedPair lapsed{kTwo, session_, 0};
  machine_.Released({&lapsed, 1}, {});
  EXPECT_FALSE(machine_.HasCatchUpsDue());
  EXPECT_THAT(TurnAndRelease({RoomInput{kTwo}}),
              ElementsAre("finish of 2/1#1 from 1 with 0 changes, overrun"));
  EXPECT_TRUE(machine_.HasCatchUpsDue());
}

}  // namespace
}  // namespace sessionhub::hub
