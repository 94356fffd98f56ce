#include "bench/limits/limit_rows.h"

#include <gtest/gtest.h>

#include <string>

namespace sessionhub::bench {
namespace {

LimitRow Whole() {
  return {"HSET", Survival::kAcked, 29'300, 33.25, 71.5, 231.5, 0.1625};
}
LimitRow OfLatenciesOnly() {
  LimitRow row{"append", Survival::kAcked};
  row.p50_us = 119;
  return row;
}

TEST(LimitRows, TheTableAlignsWhatIsThereAndShowsWhatIsNot) {
  LimitRows rows;
  rows.Add(Whole());
  rows.Add(OfLatenciesOnly());
  EXPECT_EQ(
      rows.Table(),
      "             per s      p50 us      p99 us  wire bytes   CPU s/10k  survives a power cut\n"
      "HSET       29300.0        33.2        71.5       231.5       0.163  acked changes\n"
      "append           -       119.0           -           -           -  acked changes");
}

TEST(LimitRows, NoRowsMakeNoTable) {
  EXPECT_EQ(LimitRows().Table(), "");
}

TEST(LimitRows, ALineSaysWhatWasMeasured) {
  EXPECT_EQ(RowLine(Whole()),
            "29300.0 per s, p50 33.2 us, p99 71.5 us, 231.5 bytes, 0.163 CPU s per 10,000");
  EXPECT_EQ(RowLine(OfLatenciesOnly()), "p50 119.0 us");
}

TEST(LimitRows, TheFileHasWhatWasMeasuredAndWhatSurvives) {
  EXPECT_EQ(DescribeRow(Whole()).dump(),
            R"({"name":"HSET","per_s":29300.0,"p50_us":33.25,"p99_us":71.5,"wire_bytes":231.5,)"
            R"("cpu_s_per_10k":0.1625,"survives":"acked changes"})");
  EXPECT_EQ(DescribeRow(OfLatenciesOnly()).dump(),
            R"({"name":"append","p50_us":119.0,"survives":"acked changes"})");
}

}  // namespace
}  // namespace sessionhub::bench
