#include "proto/session/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>

#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"

namespace sessionhub {
namespace {

using Kind = Operation::Kind;
using ::sessionhub::testing::kInvalid;
using ::sessionhub::testing::P;
using ::sessionhub::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr auto kExhausted = absl::StatusCode::kResourceExhausted;

// Over `limit`, and the message names it, the size and the bound.
auto IsOver(const std::string& limit, uint64_t size, uint64_t max) {
  return StatusIs(kExhausted, AllOf(HasSubstr(limit), HasSubstr(std::to_string(size)),
                                    HasSubstr("= " + std::to_string(max))));
}

Delta DeltaOf(Kind kind, const Path& path, Value value) {
  Delta delta;
  delta.operations.push_back({kind, path, std::move(value)});
  return delta;
}

TEST(LimitsTest, IdAtTheLimitAndOnePastIt) {
  const Limits limits;
  EXPECT_OK(CheckId("x", limits));
  EXPECT_OK(CheckId(std::string(256, '\0'), limits));
  EXPECT_THAT(CheckId(std::string(257, 'x'), limits), IsOver("id_bytes_max", 257, 256));
  EXPECT_THAT(CheckId("", limits), StatusIs(kInvalid, HasSubstr("empty")));
}

TEST(LimitsTest, PathBytesAtTheLimitAndOnePastIt) {
  const Limits limits;
  EXPECT_OK(CheckPath(P(std::string(1023, 'x')), limits));  // and the NUL that ends the segment
  EXPECT_THAT(CheckPath(P(std::string(1024, 'x')), limits), IsOver("path_bytes_max", 1025, 1024));
  EXPECT_THAT(CheckPath(Path(), limits), StatusIs(kInvalid, HasSubstr("empty")));
}

TEST(LimitsTest, PathSegmentsAtTheLimitAndOnePastIt) {
  const Limits limits;
  std::string text = "s";
  for (int i = 1; i < 32; ++i) text += "/s";
  EXPECT_OK(CheckPath(P(text), limits));
  EXPECT_THAT(CheckPath(P(text + "/s"), limits), IsOver("path_segments_max", 33, 32));
}

TEST(LimitsTest, ValueBytesAtTheLimitAndOnePastIt) {
  const Limits limits;
  const std::string at_limit(1 << 20, 'x');
  const std::string past = at_limit + "x";
  for (const Value& value : {Value(at_limit), Value::Bytes(at_limit), Value::Json(at_limit)}) {
    EXPECT_OK(CheckValue(value, limits));
  }
  for (const Value& value : {Value(past), Value::Bytes(past), Value::Json(past)}) {
    EXPECT_THAT(CheckValue(value, limits), IsOver("value_bytes_max", past.size(), at_limit.size()));
  }
}

TEST(LimitsTest, TheResultOfASpliceAtTheLimitAndOnePastIt) {
  Limits limits;
  limits.value_bytes_max = 100;
  const std::string base(90, 'x');
  const auto spliced = [&](uint64_t removed, size_t inserted) {
    return CheckDelta({{MakeSplice(P("a"), base, 0, removed, std::string(inserted, 'y'))}}, limits);
  };
  EXPECT_OK(spliced(0, 10));
  EXPECT_THAT(spliced(0, 11), IsOver("value_bytes_max", 101, 100));
  EXPECT_OK(spliced(90, 100));
  EXPECT_THAT(spliced(90, 101), IsOver("value_bytes_max", 101, 100));
  EXPECT_THAT(spliced(91, 0), StatusIs(kInvalid, HasSubstr("of 90")));
  Operation huge = MakeSplice(P("a"), base, 0, 0, "y");
  huge.splice.base_bytes = std::numeric_limits<uint64_t>::max();
  EXPECT_THAT(CheckDelta({{huge}}, limits), StatusIs(kExhausted, HasSubstr("value_bytes_max")));
}

TEST(LimitsTest, ConditionsCountWithTheOperations) {
  Limits limits;
  limits.delta_ops_max = 3;
  Delta delta = DeltaOf(Kind::kErase, P("a"), {});
  delta.conditions = {{P("b"), true, 0}, {P("c"), false, 7}};
  EXPECT_OK(CheckDelta(delta, limits));
  delta.conditions.push_back({P("d"), true, 0});
  EXPECT_THAT(CheckDelta(delta, limits), IsOver("delta_ops_max", 4, 3));
  delta.conditions = {{Path(), true, 0}};
  EXPECT_THAT(CheckDelta(delta, limits), StatusIs(kInvalid, HasSubstr("path is empty")));
  delta.operations.clear();
  delta.conditions = {{P("b"), true, 0}};
  EXPECT_THAT(CheckDelta(delta, limits), StatusIs(kInvalid, HasSubstr("no operation")));
  delta.deletes_session = true;
  EXPECT_OK(CheckDelta(delta, limits));
}

TEST(LimitsTest, TextsAreUtf8AndBytesNeedNotBe) {
  const Limits limits;
  EXPECT_THAT(CheckValue(Value("\xff"), limits), StatusIs(kInvalid, HasSubstr("string value")));
  EXPECT_THAT(CheckValue(Value::Json("\"\xff\""), limits),
              StatusIs(kInvalid, HasSubstr("json value")));
  EXPECT_OK(CheckValue(Value::Bytes("\xff"), limits));
  EXPECT_OK(CheckValue(Value(), limits));
  EXPECT_OK(CheckValue(Value(1), limits));
}

TEST(LimitsTest, DeltaOperationsAtTheLimitAndOnePastIt) {
  const Limits limits;
  Delta delta;
  for (int i = 0; i < 1024; ++i) delta.operations.push_back({Kind::kPut, P("a"), Value(i)});
  EXPECT_OK(CheckDelta(delta, limits));
  delta.operations.push_back({Kind::kErase, P("a"), Value()});
  EXPECT_THAT(CheckDelta(delta, limits), IsOver("delta_ops_max", 1025, 1024));
}

TEST(LimitsTest, DeltaBytesAtTheLimitAndOnePastIt) {
  Limits limits;
  limits.delta_bytes_max = 20;
  const Path path = P("ab");  // 3 bytes encoded
  EXPECT_OK(CheckDelta(DeltaOf(Kind::kPut, path, Value(std::string(17, 'x'))), limits));
  EXPECT_THAT(CheckDelta(DeltaOf(Kind::kPut, path, Value(std::string(18, 'x'))), limits),
              IsOver("delta_bytes_max", 21, 20));
}

TEST(LimitsTest, ADeltaNeedsAnOperationOrDeletes) {
  const Limits limits;
  Delta delta;
  EXPECT_THAT(CheckDelta(delta, limits), StatusIs(kInvalid, HasSubstr("no operation")));
  delta.settings.idle_timeout_ms = 0;
  EXPECT_OK(CheckDelta(delta, limits));
  delta.deletes_session = true;
  EXPECT_THAT(CheckDelta(delta, limits), StatusIs(kInvalid, HasSubstr("settings")));
  delta = {};
  delta.deletes_session = true;
  EXPECT_OK(CheckDelta(delta, limits));
  delta.operations.push_back({Kind::kErase, P("a"), Value()});
  EXPECT_THAT(CheckDelta(delta, limits), StatusIs(kInvalid, HasSubstr("deletes")));
}

TEST(LimitsTest, EveryOperationOfADeltaIsChecked) {
  Limits limits;
  limits.path_segments_max = 1;
  limits.value_bytes_max = 4;
  for (Kind kind : {Kind::kPut, Kind::kErase, Kind::kEraseSubtree, Kind::kIncrement}) {
    Delta delta = DeltaOf(Kind::kPut, P("a"), Value("ok"));
    delta.operations.push_back({kind, P("a/b"), Value("x")});
    EXPECT_THAT(CheckDelta(delta, limits), IsOver("path_segments_max", 2, 1));
  }
  EXPECT_THAT(CheckDelta(DeltaOf(Kind::kPut, P("a"), Value("12345")), limits),
              IsOver("value_bytes_max", 5, 4));
}

TEST(LimitsTest, AnErrorOfADeltaNamesTheField) {
  Delta delta = DeltaOf(Kind::kPut, P("cart/a~1b"), Value("ok"));
  delta.operations.push_back({Kind::kPut, P("cart/note"), Value("\xff")});
  EXPECT_THAT(CheckDelta(delta, Limits()),
              StatusIs(kInvalid, HasSubstr("cart/note: string value")));
  EXPECT_THAT(CheckDelta(DeltaOf(Kind::kIncrement, P("a~1b"), Value("x")), Limits()),
              StatusIs(kInvalid, HasSubstr("a~1b: increment")));
}

TEST(LimitsTest, IncrementsAreByNumbers) {
  const Limits limits;
  EXPECT_OK(CheckDelta(DeltaOf(Kind::kIncrement, P("a"), Value(1)), limits));
  EXPECT_OK(CheckDelta(DeltaOf(Kind::kIncrement, P("a"), Value(1.5)), limits));
  for (const Value& amount :
       {Value(), Value(true), Value("1"), Value::Bytes("1"), Value::Json("1")}) {
    EXPECT_THAT(CheckDelta(DeltaOf(Kind::kIncrement, P("a"), amount), limits),
                StatusIs(kInvalid, HasSubstr(TypeName(amount.type()))));
  }
}

TEST(LimitsTest, NamesAreShortAndPlain) {
  EXPECT_OK(CheckName("app", "a"));
  EXPECT_OK(CheckName("app", std::string(64, 'x')));
  EXPECT_OK(CheckName("node name", "Web-1.eu_WEST9"));
  for (const char* bad :
       {"", "a b", "a/b", "\xc3\xa4", "\xe9", "a\n", "a:b", "a@b", "`", "{", "["}) {
    EXPECT_THAT(CheckName("node name", bad), StatusIs(kInvalid, HasSubstr("node name"))) << bad;
  }
  EXPECT_THAT(CheckName("app", std::string(65, 'x')), StatusIs(kInvalid, HasSubstr("app")));
  EXPECT_THAT(CheckName("app", std::string("a\0", 2)), StatusIs(kInvalid, HasSubstr("64")));
}

TEST(LimitsTest, SettingsAtTheirLimitsAndOnePast) {
  const Limits limits;
  Settings settings;
  settings.idle_timeout_ms = kIdleTimeoutMsMin;
  EXPECT_OK(CheckSettings(settings, limits));
  settings.idle_timeout_ms = kIdleTimeoutMsMin - 1;
  EXPECT_THAT(CheckSettings(settings, limits),
              StatusIs(kInvalid, "idle timeout is 999 ms: give at least 1000, or 0 for none"));
  settings.idle_timeout_ms = 0;
  EXPECT_OK(CheckSettings(settings, limits));
  settings.absolute_timeout_ms = 1;
  EXPECT_OK(CheckSettings(settings, limits));
  for (const auto& [which, timeout] : {std::pair{"idle", &settings.idle_timeout_ms},
                                       std::pair{"absolute", &settings.absolute_timeout_ms}}) {
    *timeout = kTimeoutMsMax;
    EXPECT_OK(CheckSettings(settings, limits));
    *timeout = kTimeoutMsMax + 1;
    EXPECT_THAT(CheckSettings(settings, limits),
                StatusIs(kInvalid, std::string(which) + " timeout is " +
                                       std::to_string(kTimeoutMsMax + 1) + " ms: give at most " +
                                       std::to_string(kTimeoutMsMax) + ", or 0 for none"));
    *timeout = 0;
  }
  settings.owner = std::string(256, 'x');
  EXPECT_OK(CheckSettings(settings, limits));
  settings.owner = std::string(257, 'x');
  EXPECT_THAT(CheckSettings(settings, limits), IsOver("id_bytes_max", 257, 256));
}

}  // namespace
}  // namespace sessionhub
