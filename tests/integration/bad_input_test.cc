// Whatever a node says, the answer is clear and nobody else is harmed: a bystander on the same hub
// goes on hearing every change.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "proto/session/wire.h"
#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using testing::DeltaOn;
using ::testing::HasSubstr;
using testing::HubProbe;
using testing::HubProcess;
using testing::IncrementInt;
using testing::kApp;
using testing::PutString;
using testing::RawNode;
using testing::WaitFor;

constexpr uint64_t kFrameBytesMax = 4 << 20;

class BadInputTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(hub_.Start());
    bystander_ = NewNode("bystander", 'z');
    ASSERT_TRUE(bystander_->Attach().has_attached());
    bystanders_session_ = bystander_->Open("theirs").opened().number();
    node_ = NewNode("web-1", 'a');
    ASSERT_TRUE(node_->Attach().has_attached());
    number_ = node_->Open("ada").opened().number();
    ASSERT_NE(number_, 0u);
  }

  // The hub still serves the others, on the streams that stood.
  void TearDown() override {
    EXPECT_TRUE(hub_.running()) << hub_.log();
    const v1::Item answer = bystander_->Commit(DeltaOn(bystanders_session_, IncrementInt("n", 1)));
    EXPECT_FALSE(answer.has_refused());
    EXPECT_EQ(answer.from(), 1u);
    EXPECT_EQ(HubProbe(hub_.endpoint()).Integer(kApp, "theirs", "n"), 1);
  }

  std::unique_ptr<RawNode> NewNode(const std::string& name, char incarnation,
                                   const std::string& app = kApp) const {
    return std::make_unique<RawNode>(hub_.endpoint(), app, name, incarnation);
  }

  v1::RefusalReason Refusal(v1::Delta delta) {
    return node_->Commit(std::move(delta)).refused().reason();
  }
  v1::RefusalReason Refusal(const v1::Op& op) { return Refusal(DeltaOn(number_, op)); }
  // And its own stream goes on.
  void ExpectServed() { EXPECT_EQ(Refusal(IncrementInt("ok", 1)), v1::REFUSAL_UNSPECIFIED); }

  HubProcess hub_;
  std::unique_ptr<RawNode> bystander_;
  std::unique_ptr<RawNode> node_;
  uint64_t bystanders_session_ = 0;
  uint64_t number_ = 0;
};

// ---- what is refused alone ----

TEST_F(BadInputTest, IdsAreOneTo256Bytes) {
  const auto open = [&](const std::string& id) { return node_->Open(id).opened().refused(); };
  EXPECT_EQ(open("").reason(), v1::INVALID_ARGUMENT);
  EXPECT_EQ(open(std::string(256, 'x')).reason(), v1::REFUSAL_UNSPECIFIED);
  EXPECT_EQ(open(std::string(257, 'x')).reason(), v1::LIMIT_EXCEEDED);
  EXPECT_THAT(open(std::string(257, 'x')).message(), HasSubstr("256"));
  EXPECT_EQ(open(std::string("\x00\xff\n", 3)).reason(), v1::REFUSAL_UNSPECIFIED)
      << "ids are bytes";
  ExpectServed();
}

TEST_F(BadInputTest, PathsHaveBounds) {
  EXPECT_EQ(Refusal(IncrementInt("", 1)), v1::INVALID_ARGUMENT);
  EXPECT_EQ(Refusal(IncrementInt(std::string(1023, 'x'), 1)), v1::REFUSAL_UNSPECIFIED);
  EXPECT_EQ(Refusal(IncrementInt(std::string(1024, 'x'), 1)), v1::LIMIT_EXCEEDED)
      << "the encoded form ends each segment with one byte more";
  std::string deep = "a";
  for (int i = 1; i < 32; ++i) deep += "/a";
  EXPECT_EQ(Refusal(IncrementInt(deep, 1)), v1::REFUSAL_UNSPECIFIED);
  EXPECT_EQ(Refusal(IncrementInt(deep + "/a", 1)), v1::LIMIT_EXCEEDED);
  EXPECT_EQ(Refusal(IncrementInt("a/~2", 1)), v1::INVALID_ARGUMENT);
  EXPECT_EQ(Refusal(IncrementInt(std::string("a\0b", 3), 1)), v1::INVALID_ARGUMENT);
  EXPECT_EQ(Refusal(IncrementInt("a\xff", 1)), v1::INVALID_ARGUMENT);
  ExpectServed();
}

TEST_F(BadInputTest, ValuesHaveBounds) {
  EXPECT_EQ(Refusal(PutString("v", std::string(1 << 20, 'x'))), v1::REFUSAL_UNSPECIFIED);
  EXPECT_EQ(Refusal(PutString("v", std::string((1 << 20) + 1, 'x'))), v1::LIMIT_EXCEEDED);
  EXPECT_EQ(Refusal(PutString("v", "")), v1::REFUSAL_UNSPECIFIED) << "an empty value is a value";
  EXPECT_EQ(Refusal(PutString("v", "not \xff utf-8")), v1::INVALID_ARGUMENT);
  ExpectServed();
}

TEST_F(BadInputTest, OperationsThatCannotBeAreRefusedAgainWhenResent) {
  ASSERT_EQ(Refusal(PutString("name", "Ada")), v1::REFUSAL_UNSPECIFIED);
  EXPECT_EQ(Refusal(IncrementInt("name", 1)), v1::WRONG_TYPE);
  EXPECT_EQ(Refusal(IncrementInt("n", INT64_MAX)), v1::REFUSAL_UNSPECIFIED);
  EXPECT_EQ(Refusal(IncrementInt("n", 1)), v1::OUT_OF_RANGE);
  v1::Op unset;
  unset.set_path("a");
  EXPECT_EQ(Refusal(unset), v1::INVALID_ARGUMENT);
  v1::Op undefined;
  undefined.set_path_number(99);
  undefined.set_erase(true);
  EXPECT_EQ(Refusal(undefined), v1::INVALID_ARGUMENT);
  v1::Op splice;
  splice.set_path("name");
  splice.mutable_splice()->set_insert("!");
  EXPECT_EQ(Refusal(splice), v1::UNSUPPORTED) << "not asked for in the hello";
  v1::Delta empty;
  empty.set_number(number_);
  EXPECT_EQ(Refusal(empty), v1::INVALID_ARGUMENT);
  ExpectServed();
  EXPECT_EQ(HubProbe(hub_.endpoint()).Version(kApp, "ada"), 4u) << "three were applied";

  node_ = NewNode("web-1", 'a');
  ASSERT_TRUE(node_->Attach().attached().lease_held());
  v1::NodeFrame resent;
  resent.set_first_seq(2);
  *resent.add_deltas() = DeltaOn(number_, IncrementInt("name", 1));
  node_->Send(resent);
  EXPECT_EQ(node_->ReceiveItem()->refused().reason(), v1::WRONG_TYPE);
}

TEST_F(BadInputTest, OperationsThatWereAgreedAreCheckedToo) {
  node_ = NewNode("web-1", 'a');
  v1::NodeFrame first;
  *first.mutable_hello() = node_->MakeHello();
  first.mutable_hello()->set_features(v1::FEATURE_SPLICE | v1::FEATURE_CONDITIONS |
                                      v1::FEATURE_AFTER_PREVIOUS | uint64_t{1} << 40);
  node_->Send(first);
  const auto attached = node_->Receive();
  ASSERT_TRUE(attached);
  ASSERT_EQ(attached->attached().features(),
            v1::FEATURE_SPLICE | v1::FEATURE_CONDITIONS | v1::FEATURE_AFTER_PREVIOUS);
  ASSERT_EQ(Refusal(PutString("name", "Ada")), v1::REFUSAL_UNSPECIFIED);
  const auto splice = [&](const std::string& base, uint64_t offset, uint64_t remove_bytes,
                          const std::string& insert) {
    v1::Op op;
    EncodeOp(
        MakeSplice(*Path::FromText("name"), base, offset, remove_bytes, insert),
        [](const Path&) { return 0u; }, &op);
    return Refusal(op);
  };
  EXPECT_EQ(splice("Ada", 3, 1, "!"), v1::INVALID_ARGUMENT);
  EXPECT_EQ(splice("Ada", UINT64_MAX, 2, "!"), v1::INVALID_ARGUMENT);
  EXPECT_EQ(splice("Ada", 3, 0, "\xff"), v1::INVALID_ARGUMENT);
  EXPECT_EQ(splice("Bob", 3, 0, "!"), v1::BASE_CHANGED);
  EXPECT_EQ(splice("Ada", 3, 0, std::string((1 << 20) - 3, 'x')), v1::REFUSAL_UNSPECIFIED);
  ASSERT_EQ(Refusal(PutString("name", "Ada")), v1::REFUSAL_UNSPECIFIED);
  EXPECT_EQ(splice("Ada", 3, 0, std::string((1 << 20) - 2, 'x')), v1::LIMIT_EXCEEDED);
  v1::Delta unclear = DeltaOn(number_, PutString("name", "Bob"));
  unclear.add_conditions()->set_path("name");
  EXPECT_EQ(Refusal(unclear), v1::INVALID_ARGUMENT);
  unclear.mutable_conditions(0)->set_absent(true);
  EXPECT_EQ(Refusal(unclear), v1::VERSION_CHANGED);
  unclear.mutable_conditions(0)->set_unchanged_since(UINT64_MAX);
  EXPECT_EQ(Refusal(unclear), v1::REFUSAL_UNSPECIFIED);
  ExpectServed();
}

TEST_F(BadInputTest, ACommitToANumberThatIsNotThereIsGone) {
  const uint64_t deleted = node_->Open("bob").opened().number();
  v1::Delta end;
  end.set_number(deleted);
  end.set_delete_session(true);
  EXPECT_EQ(Refusal(end), v1::REFUSAL_UNSPECIFIED);
  EXPECT_EQ(Refusal(end), v1::GONE);
  EXPECT_EQ(Refusal(DeltaOn(deleted, IncrementInt("n", 1))), v1::GONE);
  EXPECT_EQ(Refusal(DeltaOn(number_ + 12345, IncrementInt("n", 1))), v1::GONE);
  v1::Delta handle;
  handle.set_handle(4711);
  *handle.add_ops() = IncrementInt("n", 1);
  EXPECT_EQ(Refusal(handle), v1::UNKNOWN_HANDLE);
  ExpectServed();

  // A number is a name, not a capability.
  node_ = NewNode("web-1", 'b', "another-app");
  ASSERT_TRUE(node_->Attach().has_attached());
  EXPECT_EQ(Refusal(DeltaOn(number_, IncrementInt("n", 1))), v1::GONE);
  EXPECT_EQ(HubProbe(hub_.endpoint()).Integer(kApp, "ada", "n"), std::nullopt);
}

TEST_F(BadInputTest, AnOpenWithAnUnknownModeIsRefused) {
  EXPECT_EQ(node_->Open("x", static_cast<v1::CreateMode>(77)).opened().refused().reason(),
            v1::INVALID_ARGUMENT);
  EXPECT_EQ(node_->Open("x", v1::CREATE_NEVER).opened().refused().reason(), v1::NOT_FOUND);
  EXPECT_EQ(node_->Open("ada", v1::CREATE_EXCLUSIVE).opened().refused().reason(),
            v1::ALREADY_EXISTS);
  ExpectServed();
}

// ---- what ends the stream that says it ----

TEST_F(BadInputTest, FramesHaveABound) {
  const auto frame_of = [&](size_t bytes) {
    v1::NodeFrame frame;
    frame.set_first_seq(node_->last_seq() + 1);
    *frame.add_deltas() = DeltaOn(number_, PutString("v", std::string(bytes - 64, 'x')));
    std::string* value = frame.mutable_deltas(0)->mutable_ops(0)->mutable_put_string();
    value->append(bytes - frame.ByteSizeLong(), 'x');
    return frame;
  };
  const v1::NodeFrame largest = frame_of(kFrameBytesMax);
  ASSERT_EQ(largest.ByteSizeLong(), kFrameBytesMax);
  node_->Send(largest);
  EXPECT_EQ(node_->ReceiveItem()->refused().reason(), v1::LIMIT_EXCEEDED) << "of its value";
  const auto ended_by = [&](size_t bytes) {
    node_->Send(frame_of(bytes));
    node_->Farewell();
    return node_->Finish();
  };
  const grpc::Status told = ended_by(kFrameBytesMax + 1);
  EXPECT_EQ(told.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(told.error_message(),
            "a frame is 4194305 bytes, over frame_bytes_max = 4194304: split it");

  // As far as gRPC lets it through, the hub says the reason; beyond, gRPC ends the stream.
  const auto attach_again = [&] {
    node_ = NewNode("web-1", 'a');
    ASSERT_TRUE(node_->Attach().has_attached());
  };
  attach_again();
  EXPECT_THAT(ended_by(kFrameBytesMax + (64 << 10)).error_message(), HasSubstr("frame_bytes_max"));
  attach_again();
  EXPECT_EQ(ended_by(kFrameBytesMax + (64 << 10) + 1).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(BadInputTest, AFirstFrameHasTheSameBound) {
  const auto farewell_to = [&](size_t bytes) {
    node_ = NewNode("web-1", 'a');
    v1::NodeFrame frame;
    *frame.mutable_hello() = node_->MakeHello();
    v1::PathDefinition* path = frame.add_paths();
    path->set_number(1);
    path->set_path(std::string(bytes - 128, 'x'));
    path->mutable_path()->append(bytes - frame.ByteSizeLong(), 'x');
    EXPECT_EQ(frame.ByteSizeLong(), bytes);
    node_->Send(frame);
    const auto answer = node_->Receive();
    return answer && answer->has_attached() ? v1::Goodbye() : node_->Farewell();
  };
  EXPECT_EQ(farewell_to(kFrameBytesMax).why(), v1::Goodbye::WHY_UNSPECIFIED);
  const v1::Goodbye goodbye = farewell_to(kFrameBytesMax + 1);
  EXPECT_EQ(goodbye.why(), v1::Goodbye::PROTOCOL_ERROR);
  EXPECT_THAT(goodbye.message(), HasSubstr("over frame_bytes_max = 4194304"));
}

TEST_F(BadInputTest, AnUnknownProtocolVersionIsToldWhichIsSpoken) {
  node_ = NewNode("web-2", 'b');
  v1::NodeFrame frame;
  *frame.mutable_hello() = node_->MakeHello();
  frame.mutable_hello()->set_protocol_version(2);
  node_->Send(frame);
  const v1::Goodbye goodbye = node_->Farewell();
  EXPECT_EQ(goodbye.why(), v1::Goodbye::VERSION_UNSUPPORTED);
  EXPECT_THAT(goodbye.message(), HasSubstr("version 1"));
  EXPECT_EQ(node_->Finish().error_code(), grpc::StatusCode::FAILED_PRECONDITION);
}

TEST_F(BadInputTest, AHelloThatIsNotLegalIsToldWhy) {
  const auto goodbye_to = [&](const std::string& app, const std::string& name) {
    node_ = NewNode(name, 'b', app);
    v1::NodeFrame frame;
    *frame.mutable_hello() = node_->MakeHello();
    node_->Send(frame);
    return node_->Farewell().why();
  };
  EXPECT_EQ(goodbye_to("", "web-2"), v1::Goodbye::INVALID_HELLO);
  EXPECT_EQ(goodbye_to("shop", "web 2"), v1::Goodbye::INVALID_HELLO);
  EXPECT_EQ(goodbye_to(std::string(65, 'a'), "web-2"), v1::Goodbye::INVALID_HELLO);
  node_ = NewNode("web-2", 'b');
  node_->Send(v1::NodeFrame());
  EXPECT_EQ(node_->Farewell().why(), v1::Goodbye::PROTOCOL_ERROR) << "no hello at all";
}

TEST_F(BadInputTest, WhatBreaksTheContractEndsItsOwnStream) {
  const auto goodbye_to = [&](const v1::NodeFrame& frame) {
    node_ = NewNode("web-1", 'a');
    EXPECT_TRUE(node_->Attach().has_attached());
    node_->Send(frame);
    const v1::Goodbye goodbye = node_->Farewell();
    EXPECT_EQ(node_->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    return goodbye;
  };
  v1::NodeFrame second_hello;
  *second_hello.mutable_hello() = node_->MakeHello();
  EXPECT_EQ(goodbye_to(second_hello).why(), v1::Goodbye::PROTOCOL_ERROR);

  v1::NodeFrame twice;
  for (int i = 0; i < 2; ++i) {
    twice.add_paths()->set_number(1);
    twice.mutable_paths(i)->set_path("a");
  }
  EXPECT_THAT(goodbye_to(twice).message(), HasSubstr("defined twice"));

  v1::NodeFrame no_number;
  no_number.add_paths()->set_path("a");
  EXPECT_EQ(goodbye_to(no_number).why(), v1::Goodbye::PROTOCOL_ERROR);

  v1::NodeFrame no_seq;
  *no_seq.add_deltas() = DeltaOn(number_, IncrementInt("n", 1));
  EXPECT_THAT(goodbye_to(no_seq).message(), HasSubstr("first_seq"));
}

// ---- two processes with one name ----

TEST_F(BadInputTest, OfTwoProcessesWithOneNameTheNewerWinsAndTheOlderStaysAway) {
  auto newer = NewNode("web-1", 'b');
  EXPECT_TRUE(newer->Attach().has_attached());
  EXPECT_EQ(node_->Farewell().why(), v1::Goodbye::REPLACED);
  EXPECT_EQ(node_->Finish().error_code(), grpc::StatusCode::ABORTED);
  node_ = NewNode("web-1", 'a');
  EXPECT_EQ(node_->Attach().goodbye().why(), v1::Goodbye::REPLACED);
  EXPECT_NE(newer->Open("ada").opened().number(), 0u);
}

TEST_F(BadInputTest, AReplacedClientSaysSoAndStaysAway) {
  Client older = testing::ConnectTo(hub_.endpoint(), "web-9");
  const auto session = testing::OpenOrCreate(older, "eve");
  ASSERT_OK(session);
  Client newer = testing::ConnectTo(hub_.endpoint(), "web-9");
  ASSERT_OK(testing::OpenOrCreate(newer, "eve"));
  ASSERT_TRUE(
      WaitFor([&] { return absl::IsFailedPrecondition(older.Open("another", {}).status()); }));
  Edit edit = session->Begin();
  edit.Set("a", 1);
  EXPECT_EQ(testing::Apply(std::move(edit)).kind, Committed::Kind::kRefused);
  EXPECT_TRUE(WaitFor([&] { return !older.attached(); }));
  EXPECT_EQ(older.stats().attaches, 1u);
  EXPECT_TRUE(newer.attached());
  EXPECT_EQ(newer.stats().attaches, 1u) << "nobody fought back";
}

}  // namespace
}  // namespace sessionhub
