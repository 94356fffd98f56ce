#include "proto/session/wire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"

namespace sessionhub {
namespace {

using Kind = Operation::Kind;
using ::sessionhub::testing::kInvalid;
using ::sessionhub::testing::P;
using ::sessionhub::testing::StatusIs;
using ::testing::HasSubstr;

constexpr auto kUnsupported = absl::StatusCode::kUnimplemented;

uint32_t Inline(const Path&) {
  return 0;
}
const Path* NoPath(uint32_t) {
  return nullptr;
}

std::vector<Value> EveryType() {
  return {Value(),
          Value(true),
          Value(false),
          Value(0),
          Value(std::numeric_limits<int64_t>::min()),
          Value(-0.0),
          Value(std::numeric_limits<double>::quiet_NaN()),
          Value(""),
          Value("ä"),
          Value::Bytes(std::string("\0\xff", 2)),
          Value::Json("{\"a\":[]}")};
}

std::vector<Operation> EveryOperation() {
  std::vector<Operation> operations;
  for (const Value& value : EveryType()) operations.push_back({Kind::kPut, P("a/b"), value});
  operations.push_back({Kind::kErase, P("a~1b"), {}});
  operations.push_back({Kind::kEraseSubtree, P("a/"), {}});
  operations.push_back({Kind::kIncrement, P("n"), -7});
  operations.push_back({Kind::kIncrement, P("n"), 0});
  operations.push_back({Kind::kIncrement, P("n"), 0.5});
  operations.push_back(MakeSplice(P("s"), "base", 1, 2, std::string("\0x", 2)));
  operations.push_back(MakeSplice(P("s"), "", 0, 0, ""));
  return operations;
}

// By way of the bytes, so that presence in the oneof is tested too.
v1::Op ThroughBytes(const v1::Op& op) {
  v1::Op parsed;
  EXPECT_TRUE(parsed.ParseFromString(op.SerializeAsString()));
  return parsed;
}

v1::Op OpAt(const std::string& path) {
  v1::Op op;
  op.set_path(path);
  op.set_put_int(1);
  return op;
}

TEST(WireTest, EveryOperationComesBackWithAnInlinePath) {
  for (const Operation& operation : EveryOperation()) {
    v1::Op op;
    EncodeOp(operation, Inline, &op);
    EXPECT_EQ(op.path(), operation.path.ToText());
    EXPECT_EQ(op.path_number(), 0u);
    const absl::StatusOr<Operation> decoded = DecodeOp(ThroughBytes(op), NoPath);
    ASSERT_OK(decoded);
    EXPECT_EQ(*decoded, operation) << op.DebugString();
  }
}

TEST(WireTest, EveryOperationComesBackWithANumberedPath) {
  for (const Operation& operation : EveryOperation()) {
    v1::Op op;
    EncodeOp(
        operation, [](const Path&) { return 7; }, &op);
    EXPECT_EQ(op.path_number(), 7u);
    EXPECT_TRUE(op.path().empty());
    const absl::StatusOr<Operation> decoded = DecodeOp(
        ThroughBytes(op), [&](uint32_t number) { return number == 7 ? &operation.path : nullptr; });
    ASSERT_OK(decoded);
    EXPECT_EQ(*decoded, operation) << op.DebugString();
  }
}

TEST(WireTest, EncodePutKeepsThePath) {
  v1::Op op;
  op.set_path_number(3);
  EncodePut("Ada", &op);
  EXPECT_EQ(op.path_number(), 3u);
  EXPECT_EQ(op.put_string(), "Ada");
}

TEST(WireTest, BadPathsAreRefused) {
  EXPECT_THAT(DecodeOp(OpAt(""), NoPath), StatusIs(kInvalid, HasSubstr("empty")));
  EXPECT_THAT(DecodeOp(OpAt("a~"), NoPath), StatusIs(kInvalid, HasSubstr("~")));
  EXPECT_THAT(DecodeOp(OpAt("\xff"), NoPath), StatusIs(kInvalid, HasSubstr("UTF-8")));
}

TEST(WireTest, AnUnknownPathNumberIsRefusedAndNamed) {
  v1::Op op = OpAt("");
  op.set_path_number(41);
  EXPECT_THAT(DecodeOp(op, NoPath), StatusIs(kInvalid, HasSubstr("41")));
}

TEST(WireTest, APathAndANumberTogetherAreRefused) {
  const Path path = P("a");
  v1::Op op = OpAt("a");
  op.set_path_number(1);
  EXPECT_THAT(DecodeOp(op, [&](uint32_t) { return &path; }),
              StatusIs(kInvalid, HasSubstr("one of")));
}

TEST(WireTest, AnUnsetOperationIsRefused) {
  v1::Op op;
  op.set_path("a");
  EXPECT_THAT(DecodeOp(op, NoPath), StatusIs(kInvalid, HasSubstr("not set")));
}

TEST(WireTest, AnOperationOfALaterVersionIsRefused) {
  v1::Op op;
  op.set_path("a");
  op.GetReflection()->MutableUnknownFields(&op)->AddVarint(99, 1);
  EXPECT_THAT(DecodeOp(ThroughBytes(op), NoPath), StatusIs(kInvalid, HasSubstr("not known")));
}

TEST(WireTest, AFlagThatIsFalseIsRefused) {
  v1::Op op;
  op.set_path("a");
  op.set_erase(false);
  EXPECT_THAT(DecodeOp(ThroughBytes(op), NoPath), StatusIs(kInvalid, HasSubstr("false")));
  op.set_erase_subtree(false);
  EXPECT_THAT(DecodeOp(ThroughBytes(op), NoPath), StatusIs(kInvalid, HasSubstr("false")));
  op.set_put_null(false);
  EXPECT_THAT(DecodeOp(ThroughBytes(op), NoPath), StatusIs(kInvalid, HasSubstr("false")));
}

TEST(WireTest, OperationsThatAreNotAgreedAreUnsupported) {
  v1::Delta wire;
  EncodeOp(MakeSplice(P("a"), "base", 4, 0, "!"), Inline, wire.add_ops());
  EXPECT_THAT(DecodeDelta(wire, NoPath, 0), StatusIs(kUnsupported, HasSubstr("splice")));
  EXPECT_THAT(DecodeDelta(wire, NoPath, ~uint64_t{v1::FEATURE_SPLICE}),
              StatusIs(kUnsupported, HasSubstr("not agreed")));
  EXPECT_OK(DecodeDelta(wire, NoPath, v1::FEATURE_SPLICE));
}

TEST(WireTest, ADeltaKeepsTheOrderOfItsOperations) {
  v1::Delta wire;
  Delta expected;
  for (const Operation& operation : EveryOperation()) {
    EncodeOp(operation, Inline, wire.add_ops());
    expected.operations.push_back(operation);
  }
  const absl::StatusOr<Delta> decoded = DecodeDelta(wire, NoPath, v1::FEATURE_SPLICE);
  ASSERT_OK(decoded);
  EXPECT_EQ(*decoded, expected);
}

TEST(WireTest, ADeltaMayDeleteItsSession) {
  v1::Delta wire;
  wire.set_delete_session(true);
  EXPECT_EQ(*DecodeDelta(wire, NoPath, 0), (Delta{{}, true}));
}

TEST(WireTest, OneBadOperationRefusesItsDelta) {
  v1::Delta wire;
  *wire.add_ops() = OpAt("a");
  *wire.add_ops() = OpAt("~");
  EXPECT_THAT(DecodeDelta(wire, NoPath, 0), StatusIs(kInvalid, HasSubstr("~")));
}

TEST(WireTest, PreconditionsComeBack) {
  Delta delta{{{Kind::kErase, P("a"), {}}}};
  delta.if_version = 7;
  delta.conditions = {{P("a/b"), true, 0}, {P("c"), false, 0}, {P("c"), false, 9}};
  delta.after_previous = true;
  v1::Delta wire;
  EncodeDelta(delta, Inline, &wire);
  EXPECT_EQ(*DecodeDelta(wire, NoPath, v1::FEATURE_CONDITIONS | v1::FEATURE_AFTER_PREVIOUS), delta);
}

TEST(WireTest, AConditionThatSaysNothingClearIsRefused) {
  v1::Delta wire;
  *wire.add_ops() = OpAt("a");
  v1::FieldCondition* condition = wire.add_conditions();
  condition->set_path("a");
  EXPECT_THAT(DecodeDelta(wire, NoPath, v1::FEATURE_CONDITIONS),
              StatusIs(kInvalid, HasSubstr("condition")));
  condition->set_absent(false);
  EXPECT_THAT(DecodeDelta(wire, NoPath, v1::FEATURE_CONDITIONS),
              StatusIs(kInvalid, HasSubstr("condition")));
  condition->set_absent(true);
  EXPECT_OK(DecodeDelta(wire, NoPath, v1::FEATURE_CONDITIONS));
  condition->set_path_number(3);
  EXPECT_THAT(DecodeDelta(wire, NoPath, v1::FEATURE_CONDITIONS),
              StatusIs(kInvalid, HasSubstr("path")));
}

TEST(WireTest, WhatADeltaMayNotAskForYetIsUnsupported) {
  v1::Delta wires[7];
  wires[0].set_if_version(1);
  wires[1].add_conditions();
  wires[2].set_after_previous(true);
  wires[3].set_delivered(true);
  wires[4].set_received(true);
  wires[5].mutable_settings();
  wires[6].set_lock_token(1);
  for (v1::Delta& wire : wires) {
    *wire.add_ops() = OpAt("a");
    EXPECT_THAT(DecodeDelta(wire, NoPath, 0), StatusIs(kUnsupported, HasSubstr("not agreed")));
  }
  EXPECT_OK(DecodeDelta(wires[3], NoPath, v1::FEATURE_DELIVERED));
  EXPECT_EQ(DecodeDelta(wires[6], NoPath, v1::FEATURE_LOCKS)->lock_token, 1u);
}

TEST(WireTest, SettingsComeBackEachInItsPlaceOnceTheyAreAgreed) {
  Settings settings;
  settings.idle_timeout_ms = 0;  // to end one is not to leave it out
  v1::Delta wire;
  EncodeSettings(settings, wire.mutable_settings());
  EXPECT_THAT(DecodeDelta(wire, NoPath, 0), StatusIs(kUnsupported, HasSubstr("settings")));
  EXPECT_EQ(DecodeDelta(wire, NoPath, v1::FEATURE_LIFE)->settings, settings);
  settings = {60'000, 90'000, "user-7"};
  EncodeSettings(settings, wire.mutable_settings());
  EXPECT_EQ(DecodeDelta(wire, NoPath, v1::FEATURE_LIFE)->settings, settings);
  v1::NewSession fresh;
  EncodeNewSession(settings, &fresh);
  EXPECT_EQ(DecodeNewSession(fresh), settings);
  EXPECT_TRUE(DecodeNewSession({}).empty());
}

TEST(WireTest, LimitsComeBackEachInItsPlace) {
  Limits limits{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  v1::Limits wire;
  EncodeLimits(limits, &wire);
  EXPECT_EQ(wire.id_bytes_max(), 1u);
  EXPECT_EQ(wire.path_bytes_max(), 2u);
  EXPECT_EQ(wire.path_segments_max(), 3u);
  EXPECT_EQ(wire.value_bytes_max(), 4u);
  EXPECT_EQ(wire.delta_ops_max(), 5u);
  EXPECT_EQ(wire.delta_bytes_max(), 6u);
  EXPECT_EQ(wire.session_bytes_max(), 7u);
  EXPECT_EQ(wire.frame_bytes_max(), 8u);
  EXPECT_EQ(wire.in_flight_deltas_max(), 9u);
  EXPECT_EQ(wire.path_definitions_max(), 10u);
  v1::Limits again;
  EncodeLimits(DecodeLimits(wire), &again);
  EXPECT_EQ(again.SerializeAsString(), wire.SerializeAsString());
}

}  // namespace
}  // namespace sessionhub
