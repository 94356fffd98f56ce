#include "bench/replay/access_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace sessionhub::bench {
namespace {

using ::sessionhub::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

LogEntry Parse(const std::string& line) {
  const absl::StatusOr<LogEntry> entry = ParseLogLine(line);
  EXPECT_OK(entry) << line;
  return entry.value_or(LogEntry());
}

std::string Why(const std::string& line) {
  return std::string(ParseLogLine(line).status().message());
}

TEST(ParseLogLine, ReadsTheCommonFormat) {
  const LogEntry entry =
      Parse(R"(192.0.2.7 - ada [29/Nov/2026:10:05:03 +0100] "GET /cart?x=1 HTTP/1.1" 200 512)");
  EXPECT_EQ(entry.client, "192.0.2.7");
  EXPECT_EQ(entry.time_s, 1795943103);  // date -u -d '2026-11-29 09:05:03' +%s
  EXPECT_EQ(entry.method, "GET");
  EXPECT_EQ(entry.path, "/cart");
  EXPECT_EQ(entry.agent, "");
  EXPECT_THAT(entry.further, IsEmpty());
}

TEST(ParseLogLine, ReadsTheCombinedFormatAndWhatFollows) {
  const LogEntry entry =
      Parse(R"(2001:db8::7 - - [01/Jan/1970:00:00:00 +0000] "POST / HTTP/2.0" 302 - )"
            R"log("http://a/" "Mozilla/5.0 (X)" 0.004 "id=7; b=2")log");
  EXPECT_EQ(entry.client, "2001:db8::7");
  EXPECT_EQ(entry.time_s, 0);
  EXPECT_EQ(entry.agent, "Mozilla/5.0 (X)");
  EXPECT_THAT(entry.further, ElementsAre("0.004", "id=7; b=2"));
}

TEST(ParseLogLine, AVirtualHostBeforeTheClientIsNoClient) {
  const char* const rest = " - - [29/Nov/2026:10:05:03 +0000] \"GET / HTTP/1.1\" 200 1";
  EXPECT_EQ(ParseLogLine(std::string("shop.example:443 10.0.0.7") + rest)->client, "10.0.0.7");
  EXPECT_EQ(ParseLogLine(std::string("2001:db8::7") + rest)->client, "2001:db8::7");
  EXPECT_EQ(ParseLogLine(std::string("host:name") + rest)->client, "host:name");
  EXPECT_EQ(ParseLogLine(std::string("h|st:80 10.0.0.7") + rest)->client, "h|st:80");
  EXPECT_EQ(ParseLogLine(std::string("host:80") + rest)->client, "host:80");
}

TEST(ParseLogLine, WhatIsMissingIsADash) {
  const LogEntry entry = Parse(R"(- - - [01/Jan/1970:01:00:00 +0100] "GET /" - - "-" "-")");
  EXPECT_EQ(entry.client, "-");
  EXPECT_EQ(entry.time_s, 0);
  EXPECT_EQ(entry.agent, "");
}

TEST(ParseLogLine, ReadsEscapesInQuotes) {
  const LogEntry entry = Parse(R"(h - - [01/Jan/1970:00:00:00 +0000] "GET /a\x20b HTTP/1.1" 200 1 )"
                               R"("a \"b\" \\" "\x4d\x4F\xzz\q" "end\\")");
  EXPECT_EQ(entry.path, "/a");  // the space that was escaped ends it, as it would in a request
  EXPECT_EQ(entry.agent, "MO\\xzz\\q");
  EXPECT_THAT(entry.further, ElementsAre("end\\"));
}

TEST(ParseLogLine, OneQuotedFieldAloneIsAFurtherOne) {
  EXPECT_THAT(Parse(R"(h - - [01/Jan/1970:00:00:00 +0000] "GET /" 200 1 "id=7")").further,
              ElementsAre("id=7"));
}

TEST(ParseLogLine, UsersMayHaveSpacesInTheirNames) {
  EXPECT_EQ(Parse(R"(h - Ada L [01/Jan/1970:00:00:07 +0000] "GET /" 200 1)").time_s, 7);
}

TEST(ParseLogLine, KnowsLeapYearsAndLeapSeconds) {
  EXPECT_EQ(Parse(R"(h - - [29/Feb/2024:23:59:60 +0000] "GET /" 200 1)").time_s, 1709251200);
  EXPECT_THAT(Why(R"(h - - [29/Feb/2023:00:00:00 +0000] "GET /" 200 1)"), HasSubstr("the time"));
}

TEST(ParseLogLine, SaysWhatIsWrong) {
  EXPECT_THAT(ParseLogLine(""), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("client")));
  EXPECT_THAT(Why("h"), HasSubstr("[time]"));
  EXPECT_THAT(Why("h - - ]["), HasSubstr("[time]"));
  for (const char* time :
       {"", "01/Jan/1970", "01/Jan/1970:24:00:00 +0000", "01/Jan/1970:00:60:00 +0000",
        "01/Jan/1970:00:00:61 +0000", "00/Jan/1970:00:00:00 +0000", "32/Jan/1970:00:00:00 +0000",
        "01/jan/1970:00:00:00 +0000", "01/Jan/1970:00:00:00 +1500", "01/Jan/1970:00:00:00 *0000",
        "01/Jan/1970:00:00:00 +00 0", "-1/Jan/1970:00:00:00 +0000"}) {
    EXPECT_THAT(Why("h - - [" + std::string(time) + "] \"GET /\" 200 1"), HasSubstr("the time"))
        << time;
  }
  const std::string head = "h - - [01/Jan/1970:00:00:00 +0000] ";
  EXPECT_THAT(Why(head), HasSubstr("no \"request\""));
  EXPECT_THAT(Why(head + "GET / 200 1"), HasSubstr("no \"request\""));
  EXPECT_THAT(Why(head + R"("GET / 200 1)"), HasSubstr("the request does not end"));
  EXPECT_THAT(Why(head + R"("GET /\" 200 1)"), HasSubstr("the request does not end"));
  EXPECT_THAT(Why(head + R"("-" 408 0)"), HasSubstr("no request in it"));
  EXPECT_THAT(Why(head + R"("" 400 0)"), HasSubstr("no request in it"));
  EXPECT_THAT(Why(head + R"("\x16\x03\x01" 400 0)"), HasSubstr("no method"));
  EXPECT_THAT(Why(head + R"("GET" 400 0)"), HasSubstr("no target"));
  EXPECT_THAT(Why(head + R"("GET /" 20 0)"), HasSubstr("the status"));
  EXPECT_THAT(Why(head + R"("GET /" 200 many)"), HasSubstr("the size"));
  EXPECT_THAT(Why(head + R"("GET /")"), HasSubstr("the status"));
  EXPECT_THAT(Why(head + R"("GET /" 200 1 "ends not)"), HasSubstr("a quoted field does not end"));
  EXPECT_THAT(Why(head + std::string("\"GET /\0\" 200 1", 14)), HasSubstr("NUL"));
}

TEST(ParseLogLine, TakesLinesUpToTheirBound) {
  const std::string head = R"(h - - [01/Jan/1970:00:00:00 +0000] "GET /)", tail = "\" 200 1";
  const std::string target(kLogLineBytesMax - head.size() - tail.size(), 'x');
  EXPECT_OK(ParseLogLine(head + target + tail));
  EXPECT_THAT(Why(head + target + "x" + tail), HasSubstr("longer"));
}

TEST(CookieIn, FindsTheCookieOfThatName) {
  EXPECT_EQ(CookieIn("a=1; id=7; b=2", "id"), "7");
  EXPECT_EQ(CookieIn("id=7", "id"), "7");
  EXPECT_EQ(CookieIn("aid=1;id=a=b", "id"), "a=b");
  EXPECT_EQ(CookieIn("id", "id"), "");
  EXPECT_EQ(CookieIn("ids=1; i=2", "id"), "");
  EXPECT_EQ(CookieIn("-", "id"), "");
  EXPECT_EQ(CookieIn("", "id"), "");
}

}  // namespace
}  // namespace sessionhub::bench
