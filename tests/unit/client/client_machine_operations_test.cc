// Splices, preconditions and after_previous, as a node sends, shows and repeats them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "client/cpp/src/client_machine.h"
#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/client/machine_driver.h"

namespace sessionhub::client {
namespace {

using Driver = MachineDriver;
using Reason = Committed::Reason;
using ::testing::HasSubstr;
using testing::P;

const std::string& Old() {
  static const std::string text(1'000, 'o');
  return text;
}

class ClientMachineOperationsTest : public ::testing::Test {
 protected:
  // Session 7 with handle 3 at version 10; s = Old().
  void OpenOne(const Driver::Attach& how = {}) {
    driver_.AttachAs(how);
    ref_ = driver_.OpenAt("a", 7, 3, 9, 100);
    driver_.Give({ForwardOf(9, Old())});
  }
  v1::Item ForwardOf(Version from, const std::string& text) {
    v1::Item item = Driver::Forward(3, from, "s", 0);
    item.mutable_changes()->mutable_ops(0)->set_put_string(text);
    return item;
  }
  const FieldMap& Fields() {
    view_ = *machine_.Read(ref_, driver_.now);
    return view_->fields->map;
  }
  std::string S() { return *Fields().at(P("s")).AsString(); }

  Delta Put(const std::string& text) { return {{{Operation::Kind::kPut, P("s"), text}}}; }
  // Commits a Set of s by an Edit that began now.
  Token Set(const std::string& text, bool after_previous = false) {
    Delta delta = Put(text);
    delta.after_previous = after_previous;
    Splices splices = FindSplices(Fields(), delta);
    return *machine_.Commit(ref_, std::move(delta), Ack::kDurable, std::move(splices));
  }
  bool Ended(Token token) const { return driver_.commits.count(token) > 0; }
  Committed EndOf(Token token) const { return driver_.commits.at(token); }

  Driver driver_;
  ClientMachine& machine_ = driver_.machine;
  CopyRef ref_;
  std::shared_ptr<const ViewImpl> view_;
};

TEST_F(ClientMachineOperationsTest, ALargeValueOfWhichLittleChangedGoesOutAsASplice) {
  OpenOne();
  const Token token = Set(Old() + "!");
  EXPECT_EQ(S(), Old() + "!");
  const v1::NodeFrame frame = driver_.Frame();
  const v1::Splice& splice = frame.deltas(0).ops(0).splice();
  EXPECT_EQ(splice.insert(), "!");
  EXPECT_EQ(splice.offset(), 1'000u);
  EXPECT_LT(frame.ByteSizeLong(), 60u);
  driver_.Give({Driver::Ack(1, 10)});
  EXPECT_TRUE(EndOf(token).applied());
  EXPECT_EQ(S(), Old() + "!");
  EXPECT_EQ(driver_.VersionOf(ref_), 11u);
}

TEST_F(ClientMachineOperationsTest, AHubWithoutSplicesGetsTheWholeValue) {
  Driver::Attach how;
  how.features = 0;
  OpenOne(how);
  Set(Old() + "!");
  EXPECT_EQ(driver_.Frame().deltas(0).ops(0).put_string(), Old() + "!");
}

TEST_F(ClientMachineOperationsTest, ASpliceOnAnotherBaseIsRepeatedWithTheWholeValue) {
  OpenOne();
  const Token token = Set(Old() + "!");
  driver_.Frame();
  driver_.Give({ForwardOf(10, "theirs")});
  EXPECT_EQ(S(), Old() + "!") << "what this node had in memory, not a mixture";
  driver_.Give({Driver::Refused(1, v1::BASE_CHANGED)});
  EXPECT_FALSE(Ended(token));
  EXPECT_EQ(S(), Old() + "!");
  EXPECT_EQ(machine_.unanswered(), 1u);
  const v1::NodeFrame again = driver_.Frame();
  EXPECT_EQ(again.first_seq(), 2u);
  EXPECT_EQ(again.deltas(0).ops(0).put_string(), Old() + "!");
  EXPECT_EQ(again.answers_seen_through(), 1u);
  driver_.Give({Driver::Ack(2, 11)});
  EXPECT_EQ(EndOf(token).version, 12u);
  EXPECT_EQ(S(), Old() + "!");
  EXPECT_EQ(machine_.stats().commits_refused, 0u);
}

TEST_F(ClientMachineOperationsTest, ARepetitionDoesNotUndoALaterOwnWrite) {
  OpenOne();
  const Token first = Set(Old() + "!");
  const Token second = *machine_.Commit(ref_, Put("second"));
  driver_.Frame();
  const Token third = *machine_.Commit(ref_, Put("third"));
  driver_.Give({ForwardOf(10, "theirs"), Driver::Refused(1, v1::BASE_CHANGED)});
  EXPECT_EQ(driver_.Frame().deltas_size(), 0) << "nothing new overtakes the repetition";
  EXPECT_EQ(S(), "third");
  driver_.Give({Driver::Ack(2, 11)});
  EXPECT_EQ(EndOf(first).version, 12u) << "overwritten by the second";
  EXPECT_TRUE(EndOf(second).applied());
  EXPECT_FALSE(Ended(third));
  const v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.deltas_size(), 1);
  EXPECT_EQ(frame.deltas(0).ops(0).put_string(), "third");
}

TEST_F(ClientMachineOperationsTest, AnIncrementThatIsRepeatedCountsBesideALaterOne) {
  OpenOne();
  Set(Old() + "!");
  Delta after{{{Operation::Kind::kIncrement, P("n"), 1}}};
  after.after_previous = true;
  ASSERT_TRUE(machine_.Commit(ref_, std::move(after)).ok());
  driver_.Increment(ref_);
  driver_.Frame();
  driver_.Give({ForwardOf(10, "theirs"), Driver::Refused(1, v1::BASE_CHANGED),
                Driver::Refused(2, v1::PREVIOUS_REFUSED), Driver::Ack(3, 11)});
  const v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.deltas_size(), 2);
  ASSERT_EQ(frame.deltas(1).ops_size(), 1);
  EXPECT_EQ(frame.deltas(1).ops(0).increment_int(), 1);
}

TEST_F(ClientMachineOperationsTest, ARepetitionIsSentIfTheLaterOwnWriteIsRefused) {
  OpenOne();
  const Token first = Set(Old() + "!");
  const Token second = *machine_.Commit(ref_, Put("second"));
  driver_.Frame();
  driver_.Give({ForwardOf(10, "theirs"), Driver::Refused(1, v1::BASE_CHANGED),
                Driver::Refused(2, v1::LIMIT_EXCEEDED)});
  EXPECT_EQ(EndOf(second).reason, Reason::kLimitExceeded);
  const v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.deltas_size(), 1);
  EXPECT_EQ(frame.deltas(0).ops(0).put_string(), Old() + "!");
  EXPECT_EQ(frame.first_seq(), 3u);
  driver_.Give({Driver::Ack(3, 11)});
  EXPECT_TRUE(EndOf(first).applied());
}

TEST_F(ClientMachineOperationsTest, AChainOfSplicesIsRepeatedInOrder) {
  OpenOne();
  const Token first = Set(Old() + "1");
  const Token second = Set(Old() + "12", /*after_previous=*/true);
  driver_.Frame();
  const Token third = Set(Old() + "123", /*after_previous=*/true);
  driver_.Give({ForwardOf(10, "theirs"), Driver::Refused(1, v1::BASE_CHANGED)});
  EXPECT_EQ(driver_.Frame().deltas_size(), 0);
  driver_.Give({Driver::Refused(2, v1::PREVIOUS_REFUSED)});
  EXPECT_EQ(S(), Old() + "123");
  const v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.deltas_size(), 3);
  EXPECT_EQ(frame.first_seq(), 3u);
  EXPECT_EQ(frame.deltas(0).ops(0).put_string(), Old() + "1");
  EXPECT_EQ(frame.deltas(1).ops(0).put_string(), Old() + "12");
  EXPECT_TRUE(frame.deltas(1).after_previous());
  EXPECT_EQ(frame.deltas(2).ops(0).splice().insert(), "3");
  driver_.Give({Driver::Ack(3, 11), Driver::Ack(4, 12), Driver::Ack(5, 13)});
  for (Token token : {first, second, third}) EXPECT_TRUE(EndOf(token).applied());
  EXPECT_EQ(S(), Old() + "123");
  EXPECT_EQ(driver_.VersionOf(ref_), 14u);
}

TEST_F(ClientMachineOperationsTest, ARepetitionIsNotAfterItsOwnRefusal) {
  OpenOne();
  driver_.Increment(ref_);
  Set(Old() + "!", /*after_previous=*/true);
  driver_.Frame();
  driver_.Give({Driver::Ack(1, 10), ForwardOf(11, "theirs"), Driver::Refused(2, v1::BASE_CHANGED)});
  const v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.deltas_size(), 1);
  EXPECT_FALSE(frame.deltas(0).after_previous());
}

TEST_F(ClientMachineOperationsTest, WhatDependsOnAnOvertakenWriteWithConditionsIsRefused) {
  OpenOne();
  Delta delta = Put(Old() + "!");
  delta.conditions = {{P("t"), true, 0}};
  Splices splices = FindSplices(Fields(), delta);
  const Token first = *machine_.Commit(ref_, std::move(delta), Ack::kDurable, std::move(splices));
  Delta after{{{Operation::Kind::kPut, P("u"), 1}}};
  after.after_previous = true;
  const Token second = *machine_.Commit(ref_, std::move(after));
  const Token third = *machine_.Commit(ref_, Put("third"));
  driver_.Frame();
  driver_.Give({ForwardOf(10, "theirs"), Driver::Refused(1, v1::BASE_CHANGED),
                Driver::Refused(2, v1::PREVIOUS_REFUSED), Driver::Ack(3, 11)});
  EXPECT_EQ(EndOf(first).reason, Reason::kVersionChanged);
  EXPECT_EQ(EndOf(second).reason, Reason::kPreviousRefused);
  EXPECT_TRUE(EndOf(third).applied());
  EXPECT_EQ(driver_.Frame().deltas_size(), 0);
}

TEST_F(ClientMachineOperationsTest, ARepetitionOutlivesACut) {
  OpenOne();
  const Token first = Set(Old() + "!");
  const Token second = driver_.Increment(ref_);
  driver_.Frame();
  driver_.Give({ForwardOf(10, "theirs"), Driver::Refused(1, v1::BASE_CHANGED)});
  driver_.Down();
  Driver::Attach how;
  how.lease_held = true;
  driver_.AttachAs(how);
  driver_.Frame();  // the Resume
  driver_.Give({Driver::CatchUp(3, 11, 12, 2, {{"n", 101}}), Driver::Already(2, 12)});
  EXPECT_TRUE(EndOf(second).applied());
  EXPECT_EQ(S(), Old() + "!");
  const v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.deltas_size(), 1);
  EXPECT_EQ(frame.first_seq(), 3u);
  driver_.Give({Driver::Ack(3, 12)});
  EXPECT_TRUE(EndOf(first).applied());
}

TEST_F(ClientMachineOperationsTest, AForwardedSpliceChangesTheCopyThatHoldsItsBase) {
  OpenOne();
  v1::Item item = Driver::Forward(3, 10, "s", 0);
  EncodeOp(
      MakeSplice(P("s"), Old(), 0, 999, "x"), [](const Path&) { return 0u; },
      item.mutable_changes()->mutable_ops(0));
  item.mutable_changes()->mutable_ops(0)->set_path("s");
  driver_.Give({item});
  EXPECT_EQ(S(), "xo");
  item.set_from(11);
  driver_.Give({item});
  EXPECT_EQ(S(), "xo") << "another base: never a wrong value";
  EXPECT_EQ(driver_.Frame().resumes_size(), 1) << "but a resync";
}

TEST_F(ClientMachineOperationsTest, ConditionsAreSentAndTheirRefusalSaysSo) {
  OpenOne();
  Delta delta = Put("x");
  delta.if_version = 10;
  delta.conditions = {{P("t"), true, 0}, {P("s"), false, 10}};
  const Token token = *machine_.Commit(ref_, delta);
  const v1::Delta wire = driver_.Frame().deltas(0);
  EXPECT_EQ(wire.if_version(), 10u);
  EXPECT_TRUE(wire.conditions(0).absent());
  EXPECT_EQ(wire.conditions(1).unchanged_since(), 10u);
  driver_.Give({Driver::Refused(1, v1::VERSION_CHANGED)});
  EXPECT_EQ(EndOf(token).reason, Reason::kVersionChanged);
  EXPECT_EQ(S(), Old());
}

TEST_F(ClientMachineOperationsTest, AHubWithoutConditionsNeverSeesTheDelta) {
  Driver::Attach how;
  how.features = v1::FEATURE_SPLICE;
  OpenOne(how);
  Delta delta = Put("x");
  delta.if_version = 10;
  const Token token = *machine_.Commit(ref_, delta);
  Delta after = Put("y");
  after.after_previous = true;
  const Token second = *machine_.Commit(ref_, after);
  const Token third = driver_.Increment(ref_);
  const v1::NodeFrame frame = driver_.Frame();
  driver_.Collect();
  EXPECT_EQ(EndOf(token).reason, Reason::kUnsupported);
  EXPECT_EQ(EndOf(second).reason, Reason::kPreviousRefused);
  ASSERT_EQ(frame.deltas_size(), 1);
  EXPECT_EQ(frame.first_seq(), 3u);
  driver_.Give({Driver::Ack(3, 10)});
  EXPECT_TRUE(EndOf(third).applied());
}

TEST_F(ClientMachineOperationsTest, AfterAPreviousThatIsKnownToBeRefusedNothingIsSent) {
  OpenOne();
  const Token first = driver_.Increment(ref_);
  driver_.Frame();
  Delta after = Put("y");
  after.after_previous = true;
  const Token second = *machine_.Commit(ref_, after);  // waits in the node
  driver_.Give({Driver::Refused(1, v1::OUT_OF_RANGE)});
  EXPECT_EQ(EndOf(first).reason, Reason::kOutOfRange);
  EXPECT_EQ(EndOf(second).reason, Reason::kPreviousRefused);
  EXPECT_EQ(RefusalOf(machine_.Commit(ref_, after).status()).reason, v1::PREVIOUS_REFUSED);
  EXPECT_EQ(driver_.Frame().deltas_size(), 0);
  const Token fresh = driver_.Increment(ref_);
  const Token last = *machine_.Commit(ref_, after);
  EXPECT_EQ(driver_.Frame().deltas_size(), 2);
  driver_.Give({Driver::Ack(3, 10), Driver::Ack(4, 11)});
  EXPECT_TRUE(EndOf(fresh).applied());
  EXPECT_TRUE(EndOf(last).applied());
}

TEST_F(ClientMachineOperationsTest, TheHubMayNotForgetARefusalOnWhichASuccessorDepends) {
  OpenOne();
  driver_.Increment(ref_);
  Delta after = Put("y");
  after.after_previous = true;
  const Token second = *machine_.Commit(ref_, after);
  driver_.Frame();
  driver_.Give({Driver::Refused(1, v1::OUT_OF_RANGE)});
  EXPECT_FALSE(Ended(second)) << "the hub has it";
  driver_.now += std::chrono::seconds(1);
  EXPECT_EQ(driver_.Frame().answers_seen_through(), 0u);
  driver_.Give({Driver::Refused(2, v1::PREVIOUS_REFUSED)});
  EXPECT_EQ(EndOf(second).reason, Reason::kPreviousRefused);
  driver_.now += std::chrono::seconds(1);
  EXPECT_EQ(driver_.Frame().answers_seen_through(), 2u);
}

TEST_F(ClientMachineOperationsTest, WhatIsRefusedHereIsAPreviousOneToo) {
  OpenOne();
  EXPECT_FALSE(machine_.Commit(ref_, Put(std::string((1 << 20) + 1, 'x'))).ok());
  Delta after = Put("y");
  after.after_previous = true;
  EXPECT_EQ(RefusalOf(machine_.Commit(ref_, after).status()).reason, v1::PREVIOUS_REFUSED);
}

TEST(Splices, OnlyWhereTheyAreClearlySmaller) {
  const std::string old(100, 'x');
  const FieldMap base = {{P("a"), old}, {P("b"), Value::Bytes(old)}, {P("n"), 1}};
  const auto count = [&base](const char* path, Value value) {
    return FindSplices(base, {{{Operation::Kind::kPut, P(path), std::move(value)}}}).size();
  };
  EXPECT_EQ(count("a", old + "!"), 1u);
  EXPECT_EQ(count("b", Value::Bytes("!" + old)), 1u);
  EXPECT_EQ(count("b", old + "!"), 0u) << "another type";
  EXPECT_EQ(count("n", old), 0u);
  EXPECT_EQ(count("absent", old), 0u);
  EXPECT_EQ(count("a", std::string(100, 'y')), 0u);
  EXPECT_EQ(count("a", std::string(63, 'x')), 0u) << "too short to matter";
  EXPECT_EQ(count("a", std::string(64, 'x')), 1u);
  const Operation put{Operation::Kind::kPut, P("a"), old + "!"};
  EXPECT_EQ(FindSplices(base, {{put, put}}).size(), 0u);
  EXPECT_EQ(FindSplices(base, {{{Operation::Kind::kEraseSubtree, P("a"), {}}, put}}).size(), 0u);
}

TEST(Splices, DoWhatTheirPutsDo) {
  const std::string old = "aaaa" + std::string(80, 'x') + "aaaa";
  const FieldMap base = {{P("a"), old}};
  for (const std::string& to : {"aaaaa" + old, old.substr(2), old.substr(0, 80), old + old,
                                "aaaa" + std::string(90, 'x') + "aaaa", old}) {
    const Delta delta{{{Operation::Kind::kPut, P("a"), to}}};
    FieldMap fields = base;
    EXPECT_OK(Apply(WithSplices(delta, FindSplices(base, delta)), &fields));
    EXPECT_EQ(*fields.at(P("a")).AsString(), to);
  }
}

}  // namespace
}  // namespace sessionhub::client
