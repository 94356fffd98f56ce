#include "proto/session/json_number.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>

namespace sessionhub {
namespace {

TEST(JsonNumberTest, IntegersInRangeAreIntegers) {
  EXPECT_EQ(ValueOfJsonNumber("0"), Value(0));
  EXPECT_EQ(ValueOfJsonNumber("-7"), Value(-7));
  EXPECT_EQ(ValueOfJsonNumber("9223372036854775807"), Value(std::numeric_limits<int64_t>::max()));
  EXPECT_EQ(ValueOfJsonNumber("-9223372036854775808"), Value(std::numeric_limits<int64_t>::min()));
}

TEST(JsonNumberTest, IntegersThatInt64DoesNotHoldStayText) {
  for (const char* token : {"9223372036854775808", "-9223372036854775809", "18446744073709551616",
                            "100000000000000000000", "-0"}) {
    EXPECT_EQ(ValueOfJsonNumber(token), Value::Json(token)) << token;
  }
}

TEST(JsonNumberTest, APointOrAnExponentMakesADouble) {
  EXPECT_EQ(ValueOfJsonNumber("0.1"), Value(0.1));
  EXPECT_EQ(ValueOfJsonNumber("2.0"), Value(2.0));
  EXPECT_EQ(ValueOfJsonNumber("1.50"), Value(1.5));
  EXPECT_EQ(ValueOfJsonNumber("1E5"), Value(1e5));
  EXPECT_EQ(ValueOfJsonNumber("1e+5"), Value(1e5));
  EXPECT_EQ(ValueOfJsonNumber("12.5e-1"), Value(1.25));
  EXPECT_EQ(ValueOfJsonNumber("-0.0"), Value(-0.0));
  EXPECT_EQ(ValueOfJsonNumber("0e99999999999999999999999"), Value(0.0));
  EXPECT_EQ(ValueOfJsonNumber("5e-324"), Value(std::numeric_limits<double>::denorm_min()));
  EXPECT_EQ(ValueOfJsonNumber("1.7976931348623157e308"), Value(std::numeric_limits<double>::max()));
}

TEST(JsonNumberTest, DecimalsThatADoubleDoesNotKeepStayText) {
  for (const char* token :
       {"1e400", "-1e400", "1e-400", "0.1000000000000000055511151231257827", "3.141592653589793238",
        "9007199254740993.0", "1e-99999999999999999999", "2.5e-324"}) {
    EXPECT_EQ(ValueOfJsonNumber(token), Value::Json(token)) << token;
  }
}

}  // namespace
}  // namespace sessionhub
