// Nodes that are older or newer than the hub, within one protocol version: what one of the two does
// not know is left out, ignored or refused by rule, and the stream goes on. docs/protocol.md has
// the rules.
#include <gmock/gmock.h>
#include <google/protobuf/unknown_field_set.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

#include "hub/gateway/admission.h"
#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/status_matchers.h"

namespace sessionhub {
namespace {

using testing::DeltaOn;
using ::testing::HasSubstr;
using testing::HubProbe;
using testing::HubProcess;
using testing::IncrementInt;
using testing::PutString;
using testing::RawNode;

constexpr char kApp[] = "shop";
constexpr int kFieldOfLater = 1000;

// A field that a later schema might have.
template <typename Message>
void AddFieldOfLater(Message* message) {
  message->GetReflection()->MutableUnknownFields(message)->AddLengthDelimited(kFieldOfLater,
                                                                              "of later");
}

class VersionsTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_OK(hub_.Start()); }

  RawNode MakeNode(char incarnation) const {
    return RawNode(hub_.endpoint(), kApp, std::string("web-") + incarnation, incarnation);
  }
  // Attaches with these features; those that were agreed.
  static std::optional<uint64_t> Attach(RawNode* node, uint64_t features) {
    v1::NodeFrame frame;
    *frame.mutable_hello() = node->MakeHello();
    frame.mutable_hello()->set_features(features);
    AddFieldOfLater(&frame);
    AddFieldOfLater(frame.mutable_hello());
    node->Send(frame);
    const v1::HubFrame answer = node->Receive().value_or(v1::HubFrame());
    if (!answer.has_attached()) return std::nullopt;
    return answer.attached().features();
  }

  HubProcess hub_;
};

// The first of all clients, which knows no feature.
TEST_F(VersionsTest, TheOldestClientIsServedWithWhatItKnows) {
  RawNode oldest = MakeNode('a');
  ASSERT_EQ(Attach(&oldest, 0), 0u);
  const v1::Item opened = oldest.Open("ada");
  const uint64_t number = opened.opened().number();
  EXPECT_EQ(oldest.Commit(DeltaOn(number, PutString("page", std::string(400, 'x')))).from(), 1u);

  // A newest node changes the same session with what only it knows.
  RawNode newest = MakeNode('b');
  ASSERT_EQ(Attach(&newest, hub::kHubFeatures), hub::kHubFeatures);
  newest.Open("ada");
  v1::Delta delta = DeltaOn(number, PutString("page", "new"));
  delta.set_delivered(true);
  delta.mutable_settings()->set_idle_timeout_ms(60'000);
  EXPECT_FALSE(newest.Commit(delta).has_refused());
  const auto forward = oldest.ReceiveItem();
  ASSERT_TRUE(forward.has_value());
  EXPECT_EQ(forward->handle(), opened.handle());
  EXPECT_EQ(forward->from(), 2u);
  ASSERT_EQ(forward->changes().ops_size(), 1);
  EXPECT_EQ(forward->changes().ops(0).put_string(), "new");
  EXPECT_FALSE(forward->receipt()) << "it could give none";
}

TEST_F(VersionsTest, WhatWasNotAgreedIsRefusedOneByOne) {
  RawNode node = MakeNode('a');
  ASSERT_EQ(Attach(&node, 0), 0u);
  const uint64_t number = node.Open("ada").opened().number();
  v1::Delta delta = DeltaOn(number, IncrementInt("n", 1));
  delta.set_if_version(1);
  EXPECT_EQ(node.Commit(delta).refused().reason(), v1::UNSUPPORTED);
  delta.clear_if_version();
  delta.set_after_previous(true);
  EXPECT_EQ(node.Commit(delta).refused().reason(), v1::UNSUPPORTED);
  delta.clear_after_previous();
  delta.set_lock_token(1);
  EXPECT_EQ(node.Commit(delta).refused().reason(), v1::UNSUPPORTED);
  delta.clear_lock_token();
  delta.mutable_settings()->set_idle_timeout_ms(60'000);
  EXPECT_EQ(node.Commit(delta).refused().reason(), v1::UNSUPPORTED);
  delta.clear_settings();
  EXPECT_FALSE(node.Commit(delta).has_refused());
  EXPECT_EQ(HubProbe(hub_.endpoint()).Integer(kApp, "ada", "n"), 1);
}

TEST_F(VersionsTest, FeaturesOfLaterAreNotAgreedAndFieldsOfLaterAreIgnored) {
  RawNode newer = MakeNode('a');
  ASSERT_EQ(Attach(&newer, ~uint64_t{0}), hub::kHubFeatures);
  v1::NodeFrame frame;
  v1::Open* open = frame.add_opens();
  open->set_request(1);
  open->set_id("ada");
  open->set_create(v1::CREATE_IF_MISSING);
  AddFieldOfLater(open);
  AddFieldOfLater(&frame);
  ASSERT_TRUE(newer.Send(frame));
  const auto opened = newer.ReceiveItem();
  ASSERT_TRUE(opened.has_value());
  ASSERT_NE(opened->handle(), 0u);
  ASSERT_TRUE(newer.ReceiveItem()->has_catch_up());
  v1::NodeFrame only_of_later;
  AddFieldOfLater(&only_of_later);
  ASSERT_TRUE(newer.Send(only_of_later)) << "to this hub it is a heartbeat";
  v1::Delta delta = DeltaOn(opened->opened().number(), IncrementInt("n", 1));
  AddFieldOfLater(&delta);
  AddFieldOfLater(delta.mutable_ops(0));
  EXPECT_FALSE(newer.Commit(delta).has_refused());
  EXPECT_EQ(HubProbe(hub_.endpoint()).Integer(kApp, "ada", "n"), 1);
}

// An operation that a later schema has is, for this hub, an Op without one.
TEST_F(VersionsTest, AnOperationOfLaterRefusesItsDeltaAndNoOther) {
  RawNode newer = MakeNode('a');
  ASSERT_TRUE(Attach(&newer, ~uint64_t{0}));
  const uint64_t number = newer.Open("ada").opened().number();
  v1::Op op_of_later;
  op_of_later.set_path("n");
  AddFieldOfLater(&op_of_later);
  v1::NodeFrame frame;
  frame.set_first_seq(1);
  *frame.add_deltas() = DeltaOn(number, IncrementInt("n", 1));
  *frame.add_deltas() = DeltaOn(number, IncrementInt("n", 10));
  *frame.mutable_deltas(1)->add_ops() = op_of_later;
  *frame.add_deltas() = DeltaOn(number, IncrementInt("n", 100));
  ASSERT_TRUE(newer.Send(frame));
  const auto first = newer.ReceiveItem();
  const auto second = newer.ReceiveItem();
  const auto third = newer.ReceiveItem();
  ASSERT_TRUE(first && second && third);
  EXPECT_FALSE(first->has_refused());
  EXPECT_EQ(second->refused().reason(), v1::INVALID_ARGUMENT);
  EXPECT_FALSE(third->has_refused());
  EXPECT_EQ(HubProbe(hub_.endpoint()).Integer(kApp, "ada", "n"), 101);
}

TEST_F(VersionsTest, ModesOfLaterRefuseTheirOpenAndNothingElse) {
  RawNode newer = MakeNode('a');
  ASSERT_TRUE(Attach(&newer, ~uint64_t{0}));
  v1::NodeFrame frame;
  for (uint32_t request = 1; request <= 3; ++request) {
    v1::Open* open = frame.add_opens();
    open->set_request(request);
    open->set_id("ada");
    open->set_create(v1::CREATE_IF_MISSING);
  }
  frame.mutable_opens(0)->set_create(static_cast<v1::CreateMode>(17));
  frame.mutable_opens(1)->set_mode(static_cast<v1::InterestMode>(17));
  ASSERT_TRUE(newer.Send(frame));
  std::map<uint32_t, v1::Opened> answers;
  while (answers.size() < 3) {
    const auto item = newer.ReceiveItem();
    ASSERT_TRUE(item.has_value());
    if (item->has_opened()) answers[item->opened().request()] = item->opened();
  }
  EXPECT_EQ(answers[1].refused().reason(), v1::INVALID_ARGUMENT);
  EXPECT_EQ(answers[2].refused().reason(), v1::UNSUPPORTED);
  EXPECT_TRUE(answers[3].created());
}

// The version stands for all that is not negotiated by features; another one is final.
TEST_F(VersionsTest, AnotherProtocolVersionIsTurnedAwayWithThatOfTheHub) {
  for (const uint32_t version : {0u, 2u}) {
    RawNode node = MakeNode('a');
    v1::NodeFrame frame;
    *frame.mutable_hello() = node.MakeHello();
    frame.mutable_hello()->set_protocol_version(version);
    ASSERT_TRUE(node.Send(frame));
    const v1::Goodbye goodbye = node.Farewell();
    EXPECT_EQ(goodbye.why(), v1::Goodbye::VERSION_UNSUPPORTED) << version;
    EXPECT_THAT(goodbye.message(), HasSubstr("this hub speaks version 1"));
    EXPECT_EQ(node.Finish().error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  }
}

}  // namespace
}  // namespace sessionhub
