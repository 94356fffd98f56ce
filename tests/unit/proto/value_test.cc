#include "sessionhub/value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

namespace sessionhub {
namespace {

using Type = Value::Type;

TEST(ValueTest, IsNullByDefault) {
  EXPECT_TRUE(Value().is_null());
  EXPECT_EQ(Value().type(), Type::kNull);
  EXPECT_EQ(Value(), Value::Null());
}

TEST(ValueTest, EveryKindKeepsItsTypeAndContent) {
  EXPECT_EQ(Value(true).AsBool(), true);
  EXPECT_EQ(Value(3).AsInt(), 3);
  EXPECT_EQ(Value(uint8_t{200}).AsInt(), 200);
  EXPECT_EQ(Value(std::numeric_limits<int64_t>::min()).AsInt(),
            std::numeric_limits<int64_t>::min());
  EXPECT_EQ(Value(0.5).AsDouble(), 0.5);
  EXPECT_EQ(Value(0.5f).AsDouble(), 0.5);
  EXPECT_EQ(*Value("Ada").AsString(), "Ada");
  EXPECT_EQ(*Value(std::string("Ada")).AsString(), "Ada");
  EXPECT_EQ(*Value(std::string_view("Ada!", 3)).AsString(), "Ada");
  EXPECT_EQ(*Value::Bytes(std::string("\0\xff", 2)).AsBytes(), std::string("\0\xff", 2));
  EXPECT_EQ(*Value::Json("[1]").AsJson(), "[1]");
}

TEST(ValueTest, AValueHasNoOtherTypeThanItsOwn) {
  const Value values[] = {Value(),    Value(true),       Value(1),        Value(1.0),
                          Value("1"), Value::Bytes("1"), Value::Json("1")};
  for (const Value& value : values) {
    EXPECT_EQ(value.is_null(), value.type() == Type::kNull);
    EXPECT_EQ(value.AsBool().has_value(), value.type() == Type::kBool);
    EXPECT_EQ(value.AsInt().has_value(), value.type() == Type::kInt);
    EXPECT_EQ(value.AsDouble().has_value(), value.type() == Type::kDouble);
    EXPECT_EQ(value.AsString() != nullptr, value.type() == Type::kString);
    EXPECT_EQ(value.AsBytes() != nullptr, value.type() == Type::kBytes);
    EXPECT_EQ(value.AsJson() != nullptr, value.type() == Type::kJson);
  }
}

TEST(ValueTest, LiteralsAndBooleansAreNotConfused) {
  EXPECT_EQ(Value("false").type(), Type::kString);
  EXPECT_EQ(Value(false).type(), Type::kBool);
  EXPECT_EQ(Value(0).type(), Type::kInt);
}

TEST(ValueTest, WideUnsignedIntegersDoNotConvert) {
  static_assert(!std::is_convertible_v<uint64_t, Value>);
  static_assert(!std::is_convertible_v<void*, Value>);
  static_assert(std::is_convertible_v<uint32_t, Value>);
  static_assert(std::is_nothrow_move_constructible_v<Value>);
  EXPECT_EQ(Value(std::numeric_limits<uint32_t>::max()).AsInt(), 4294967295);
}

TEST(ValueTest, ValuesOfDifferentTypesAreDifferent) {
  EXPECT_NE(Value(1), Value(1.0));
  EXPECT_NE(Value(1), Value(true));
  EXPECT_NE(Value("1"), Value::Bytes("1"));
  EXPECT_NE(Value("1"), Value::Json("1"));
  EXPECT_NE(Value::Bytes("1"), Value::Json("1"));
  EXPECT_NE(Value(""), Value());
}

TEST(ValueTest, ValuesOfOneTypeAreComparedByContent) {
  EXPECT_EQ(Value(7), Value(int64_t{7}));
  EXPECT_NE(Value(7), Value(8));
  EXPECT_NE(Value(true), Value(false));
  EXPECT_NE(Value("a"), Value("b"));
  EXPECT_NE(Value::Bytes("a"), Value::Bytes("b"));
  EXPECT_NE(Value::Json("1"), Value::Json("1 "));
}

TEST(ValueTest, DoublesAreComparedBitForBit) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(Value(nan), Value(nan));
  EXPECT_NE(Value(nan), Value(std::copysign(nan, -1.0)));
  EXPECT_NE(Value(0.0), Value(-0.0));
  EXPECT_NE(Value(1.0), Value(std::nextafter(1.0, 2.0)));
}

TEST(ValueTest, SizeIsContentForTextsAndFixedForTheRest) {
  EXPECT_EQ(Value().SizeBytes(), 1u);
  EXPECT_EQ(Value(true).SizeBytes(), 1u);
  EXPECT_EQ(Value(1).SizeBytes(), 8u);
  EXPECT_EQ(Value(1.0).SizeBytes(), 8u);
  EXPECT_EQ(Value("four").SizeBytes(), 4u);
  EXPECT_EQ(Value("").SizeBytes(), 0u);
  EXPECT_EQ(Value::Bytes(std::string(300, '\0')).SizeBytes(), 300u);
  EXPECT_EQ(Value::Json("{}").SizeBytes(), 2u);
}

TEST(ValueTest, DebugStringIsForPeople) {
  EXPECT_EQ(Value().DebugString(), "null");
  EXPECT_EQ(Value(true).DebugString(), "true");
  EXPECT_EQ(Value(-3).DebugString(), "-3");
  EXPECT_EQ(Value(0.5).DebugString(), "0.5");
  EXPECT_EQ(Value("Ada").DebugString(), "\"Ada\"");
  EXPECT_EQ(Value::Bytes("secret").DebugString(), "bytes[6]");
  EXPECT_EQ(Value::Json("[1]").DebugString(), "[1]");
  EXPECT_NE(Value(1.0).DebugString(), Value(std::nextafter(1.0, 2.0)).DebugString());
}

TEST(ValueTest, TypesHaveNames) {
  EXPECT_STREQ(TypeName(Type::kNull), "null");
  EXPECT_STREQ(TypeName(Type::kBool), "bool");
  EXPECT_STREQ(TypeName(Type::kInt), "int64");
  EXPECT_STREQ(TypeName(Type::kDouble), "double");
  EXPECT_STREQ(TypeName(Type::kString), "string");
  EXPECT_STREQ(TypeName(Type::kBytes), "bytes");
  EXPECT_STREQ(TypeName(Type::kJson), "json");
}

}  // namespace
}  // namespace sessionhub
