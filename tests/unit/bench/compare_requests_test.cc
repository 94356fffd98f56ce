// The text of requests and answers, and how answers are counted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/compare/driver.h"
#include "bench/compare/fields_text.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::bench {
namespace {

TEST(FieldsText, LinesAreReadAsTheyWereWritten) {
  const SessionFields fields = {{"f00", "a=b"}, {"f01", ""}, {"f02", "-_9"}};
  EXPECT_EQ(FormatFields(fields), "f00=a=b\nf01=\nf02=-_9\n");
  EXPECT_EQ(*ParseFields(FormatFields(fields)), fields);
  EXPECT_TRUE(ParseFields("")->empty());
  EXPECT_EQ(ParseFields("f00=last line without an end")->size(), 1u);
}

TEST(FieldsText, ALineThatIsNoFieldIsNamed) {
  EXPECT_THAT(ParseFields("f00=1\nnothing\n").status().message(),
              ::testing::HasSubstr("not a line NAME=VALUE: nothing"));
  EXPECT_FALSE(ParseFields("=1\n").ok());
  EXPECT_FALSE(ParseFields("\n").ok());
}

TEST(FieldsText, TheSessionsCookieIsFoundAmongOthers) {
  EXPECT_EQ(FindSessionId("JSESSIONID=abc"), "abc");
  EXPECT_EQ(FindSessionId("JSESSIONID=abc.node1; Path=/; HttpOnly"), "abc.node1");
  EXPECT_EQ(FindSessionId("theme=dark; JSESSIONID=abc; x=y"), "abc");
  EXPECT_EQ(FindSessionId("XJSESSIONID=abc"), "");
  EXPECT_EQ(FindSessionId("JSESSIONID"), "");
  EXPECT_EQ(FindSessionId("; ;"), "");
  EXPECT_EQ(FindSessionId(""), "");
}

HttpAnswer Answered(int status, const std::string& body = "") {
  return {.status = status, .body = body, .session_id = ""};
}

TEST(RequestTally, CountsErrorsAndKeepsTheFirst) {
  RequestTally tally;
  tally.Add(Answered(200), "GET /read", 100);
  tally.Add(Answered(404, "gone"), "POST /change", 200);
  tally.Add(absl::UnavailableError("no answer"), "GET /read", 300);
  EXPECT_EQ(tally.latency.count(), 1u);
  EXPECT_EQ(tally.latency.max_us(), 100);
  EXPECT_EQ(tally.errors, 2u);
  EXPECT_EQ(tally.first_error, "POST /change: 404 gone");
}

TEST(RequestTally, AddsUp) {
  RequestTally one, other;
  one.changes = 3;
  one.Add(Answered(200), "GET /read", 100);
  other.reads = 2;
  other.Add(Answered(500, "why"), "GET /dump", 50);
  other.Add(Answered(200), "GET /read", 900);
  one.Merge(other);
  EXPECT_EQ(one.changes, 3u);
  EXPECT_EQ(one.reads, 2u);
  EXPECT_EQ(one.errors, 1u);
  EXPECT_EQ(one.first_error, "GET /dump: 500 why");
  EXPECT_EQ(one.latency.count(), 2u);
}

}  // namespace
}  // namespace sessionhub::bench
