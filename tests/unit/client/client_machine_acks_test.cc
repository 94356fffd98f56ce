// When commits of each level of acknowledgement end, at the client's machine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cpp/src/client_machine.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/client/machine_driver.h"

namespace sessionhub::client {
namespace {

using Driver = MachineDriver;
using ::testing::ElementsAre;

class ClientMachineAcksTest : public ::testing::Test {
 protected:
  using Kind = Committed::Kind;

  // A copy of session 7 with handle 3 at version 10, n = 100, on an attached stream.
  void OpenOne(uint64_t features = v1::FEATURE_RECEIVED | v1::FEATURE_DELIVERED) {
    Driver::Attach how;
    how.features = features;
    driver_.AttachAs(how);
    ref_ = driver_.OpenAt("a", 7, 3, 10, 100);
  }
  Token Commit(Ack ack) {
    Delta delta;
    delta.operations.push_back({Operation::Kind::kIncrement, *Path::FromText("n"), Value(1)});
    return *machine_.Commit(ref_, std::move(delta), ack);
  }
  void Received(uint64_t through) {
    v1::HubFrame frame;
    frame.set_received_through(through);
    driver_.Give(frame);
  }
  static v1::Item Delivered(uint64_t seq, const std::string& missing = "", bool unknown = false) {
    v1::Item item;
    item.set_seq(seq);
    if (!missing.empty()) item.mutable_delivered()->add_missing_nodes(missing);
    item.mutable_delivered()->set_unknown(unknown);
    return item;
  }
  bool Ended(Token token) { return driver_.commits.count(token) > 0; }

  Driver driver_;
  ClientMachine& machine_ = driver_.machine;
  CopyRef ref_;
};

TEST_F(ClientMachineAcksTest, AsksForWhatWasAgreedOnly) {
  OpenOne();
  Commit(Ack::kReceived);
  Commit(Ack::kDurable);
  Commit(Ack::kDelivered);
  const v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.deltas_size(), 3);
  EXPECT_TRUE(frame.deltas(0).received() && !frame.deltas(0).delivered());
  EXPECT_FALSE(frame.deltas(1).received() || frame.deltas(1).delivered());
  EXPECT_TRUE(frame.deltas(2).delivered() && !frame.deltas(2).received());
}

TEST_F(ClientMachineAcksTest, AHubThatOffersNeitherAnswersAsForDurable) {
  OpenOne(0);
  const Token received = Commit(Ack::kReceived);
  const Token delivered = Commit(Ack::kDelivered);
  const v1::NodeFrame frame = driver_.Frame();
  EXPECT_FALSE(frame.deltas(0).received() || frame.deltas(1).delivered());
  driver_.Give({Driver::Ack(1, 10), Driver::Ack(2, 11)});
  EXPECT_TRUE(driver_.commits.at(received).applied());
  EXPECT_TRUE(driver_.commits.at(delivered).applied());
  EXPECT_FALSE(driver_.commits.at(delivered).delivered);
}

TEST_F(ClientMachineAcksTest, ReceivedEndsTheWaitAndNothingElse) {
  OpenOne();
  const Token first = Commit(Ack::kReceived);
  const Token durable = Commit(Ack::kDurable);
  const Token last = Commit(Ack::kReceived);
  driver_.Frame();
  Received(2);
  EXPECT_EQ(driver_.commits.at(first).kind, Kind::kReceived);
  EXPECT_OK(driver_.commits.at(first).status);
  EXPECT_FALSE(Ended(durable));
  EXPECT_FALSE(Ended(last));
  EXPECT_EQ(machine_.unanswered(), 3u);
  EXPECT_EQ(driver_.N(ref_), 103);

  // After a cut all are sent again, and the first asks for no more than an answer.
  driver_.Down();
  Driver::Attach again;
  again.lease_held = true;
  again.features = v1::FEATURE_RECEIVED;
  driver_.AttachAs(again);
  const v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.deltas_size(), 3);
  EXPECT_FALSE(frame.deltas(0).received());
  EXPECT_TRUE(frame.deltas(2).received());
  driver_.Give({Driver::CatchUp(3, 10, 10, 0, {}), Driver::Ack(1, 10), Driver::Ack(2, 11),
                Driver::Ack(3, 12)});
  EXPECT_EQ(driver_.commits.at(first).kind, Kind::kReceived);
  EXPECT_TRUE(driver_.commits.at(last).applied()) << "a final answer is as good";
  EXPECT_EQ(machine_.stats().commits_applied, 3u);
}

TEST_F(ClientMachineAcksTest, ALateRefusalIsCountedAndLogged) {
  OpenOne();
  Commit(Ack::kReceived);
  driver_.Frame();
  Received(1);
  driver_.log.clear();
  driver_.Give({Driver::Refused(1, v1::WRONG_TYPE)});
  EXPECT_EQ(machine_.stats().commits_refused, 1u);
  ASSERT_EQ(driver_.log.size(), 1u);
  EXPECT_THAT(driver_.log[0].second, ::testing::HasSubstr("WRONG_TYPE"));
  EXPECT_EQ(driver_.N(ref_), 100);
}

TEST_F(ClientMachineAcksTest, ALateUnknownIsCounted) {
  OpenOne();
  Commit(Ack::kReceived);
  driver_.Frame();
  Received(1);
  driver_.Down();
  Driver::Attach ended;
  ended.incarnation_ended = true;
  driver_.AttachAs(ended);
  EXPECT_EQ(machine_.stats().commits_unknown, 1u);
}

TEST_F(ClientMachineAcksTest, DeliveredWaitsForTheHubsWordOfIt) {
  OpenOne();
  const Token one = Commit(Ack::kDelivered);
  const Token two = Commit(Ack::kDelivered);
  const Token three = Commit(Ack::kDelivered);
  driver_.Frame();
  driver_.Give({Driver::Ack(1, 10), Driver::Ack(2, 11), Driver::Ack(3, 12)});
  EXPECT_FALSE(Ended(one));
  EXPECT_EQ(machine_.unanswered(), 0u);
  driver_.Give({Delivered(2), Delivered(1, "web-9"), Delivered(3, "", true)});
  EXPECT_TRUE(driver_.commits.at(two).delivered);
  EXPECT_EQ(driver_.commits.at(two).version, 12u);
  EXPECT_TRUE(driver_.commits.at(one).delivered);
  EXPECT_THAT(driver_.commits.at(one).missing_nodes, ElementsAre("web-9"));
  EXPECT_TRUE(driver_.commits.at(three).applied());
  EXPECT_FALSE(driver_.commits.at(three).delivered);
}

TEST_F(ClientMachineAcksTest, AfterACutOrATimeoutItIsDurableAndItsDeliveryUnknown) {
  OpenOne();
  const Token cut = Commit(Ack::kDelivered);
  const Token late = Commit(Ack::kDelivered);
  const Token open = Commit(Ack::kDelivered);
  driver_.Frame();
  driver_.Give({Driver::Ack(1, 10), Driver::Ack(2, 11)});
  const auto given_up = machine_.GiveUpDelivery(late);
  ASSERT_TRUE(given_up.has_value());
  EXPECT_TRUE(given_up->applied() && !given_up->delivered && given_up->version == 12);
  EXPECT_FALSE(machine_.GiveUpDelivery(late).has_value());
  EXPECT_FALSE(machine_.GiveUpDelivery(open).has_value()) << "it has no answer at all";
  driver_.Down();
  EXPECT_TRUE(driver_.commits.at(cut).applied());
  EXPECT_FALSE(driver_.commits.at(cut).delivered);
  EXPECT_FALSE(Ended(late));
  EXPECT_FALSE(Ended(open));
}

TEST_F(ClientMachineAcksTest, ARefusedOneHasNoDelivery) {
  OpenOne();
  const Token token = Commit(Ack::kDelivered);
  driver_.Frame();
  driver_.Give({Driver::Refused(1, v1::LIMIT_EXCEEDED)});
  EXPECT_EQ(driver_.commits.at(token).kind, Kind::kRefused);
}

TEST_F(ClientMachineAcksTest, OnlySoManyWaitForDelivery) {
  OpenOne();
  for (size_t i = 0; i < Sessions::kDeliveriesMax; ++i) Commit(Ack::kDelivered);
  Delta delta;
  delta.operations.push_back({Operation::Kind::kErase, *Path::FromText("n"), Value()});
  EXPECT_THAT(
      machine_.Commit(ref_, delta, Ack::kDelivered),
      testing::StatusIs(absl::StatusCode::kResourceExhausted, ::testing::HasSubstr("4096")));
  driver_.Frame();
  driver_.Give({Driver::Refused(1, v1::WRONG_TYPE), Driver::Ack(2, 10), Delivered(2)});
  Commit(Ack::kDelivered);
  Commit(Ack::kDelivered);
  EXPECT_FALSE(machine_.Commit(ref_, delta, Ack::kDelivered).ok());
  EXPECT_TRUE(machine_.Commit(ref_, delta, Ack::kDurable).ok());
}

// ---- the other side of it: receipts ----

TEST_F(ClientMachineAcksTest, GivesAReceiptForWhatItHasAppliedWhenAsked) {
  OpenOne();
  v1::Item asked = Driver::Forward(3, 11, "n", 102);
  asked.set_receipt(true);
  driver_.Give({Driver::Forward(3, 10, "n", 101), asked});
  const v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.receipts_size(), 1);
  EXPECT_EQ(frame.receipts(0).handle(), 3u);
  EXPECT_EQ(frame.receipts(0).version(), 12u);
  EXPECT_EQ(driver_.Frame().receipts_size(), 0);
}

TEST_F(ClientMachineAcksTest, AGapGivesNoReceiptItsCatchUpDoes) {
  OpenOne();
  v1::Item asked = Driver::Forward(3, 12, "n", 103);
  asked.set_receipt(true);
  driver_.Give({asked});
  v1::NodeFrame frame = driver_.Frame();
  EXPECT_EQ(frame.receipts_size(), 0);
  EXPECT_EQ(frame.resumes_size(), 1);
  v1::Item catch_up = Driver::CatchUp(3, 10, 13, 0, {{"n", 103}});
  catch_up.set_receipt(true);
  driver_.Give({catch_up});
  frame = driver_.Frame();
  ASSERT_EQ(frame.receipts_size(), 1);
  EXPECT_EQ(frame.receipts(0).version(), 13u);
}

TEST_F(ClientMachineAcksTest, TheReceiptOfAnEndGoesBeforeTheCloseOfItsHandle) {
  OpenOne();
  v1::Item ended = Driver::Ended(3);
  ended.set_receipt(true);
  driver_.Give({ended});
  v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.receipts_size(), 1);
  EXPECT_EQ(frame.receipts(0).version(), 0u);
  EXPECT_EQ(frame.closes_size(), 0);
  EXPECT_THAT(driver_.Frame().closes(), ElementsAre(3u));
}

TEST_F(ClientMachineAcksTest, AReceiptDoesNotOutliveItsStream) {
  OpenOne();
  v1::Item asked = Driver::Forward(3, 10, "n", 101);
  asked.set_receipt(true);
  driver_.Give({asked});
  driver_.Down();
  Driver::Attach again;
  again.lease_held = true;
  driver_.AttachAs(again);
  EXPECT_EQ(driver_.Frame().receipts_size(), 0);
}

}  // namespace
}  // namespace sessionhub::client
