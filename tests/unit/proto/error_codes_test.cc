// The table of errors has every code of the schema; docs/errors.md has the table. With
// SESSIONHUB_GOLDEN_UPDATE=1 it is written into it anew.
#include "proto/session/error_codes.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <cctype>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include "tests/support/status_matchers.h"

namespace sessionhub {
namespace {

using ::sessionhub::testing::StatusIs;
using ::testing::HasSubstr;

constexpr char kTablesBegin[] =
    "<!-- The tables of all errors, made from proto/session/error_codes.cc. -->\n";
constexpr char kTablesEnd[] = "<!-- The end of the tables. -->\n";

struct Heading {
  ErrorFamily family;
  const char* title;
  const char* lead;
};

constexpr Heading kHeadings[] = {
    {ErrorFamily::kRefusal, "Refusals",
     "`RefusalReason`: the answer to one delta, `Open`, `Rename` or `LockRequest`, and to nothing "
     "else. A refusal of a delta is final."},
    {ErrorFamily::kGoodbye, "Goodbyes",
     "`Goodbye.why`: the last frame of a stream, which then ends with the status."},
    {ErrorFamily::kEnded, "Ends of sessions",
     "`Ended.why`: a node with interest hears that a session is no more. The status is what the "
     "application is told when it uses the session next."},
    {ErrorFamily::kCall, "Calls and streams that are not let in",
     "The gRPC status of a call of `Admin`, or of a stream that ends without a goodbye."},
    {ErrorFamily::kClient, "The client by itself",
     "What the C++ client says without having heard it from a hub. While a hub does not let the "
     "client in, `UNAUTHENTICATED` or `PERMISSION_DENIED` takes the place of what time would say."},
    {ErrorFamily::kHubExit, "Exit codes of sessionhubd",
     "0 is a stop that was asked for. A hub whose disk fails under way ends by a signal, and its "
     "last lines say why."},
    {ErrorFamily::kToolExit, "Exit codes of sessionhubctl and sessionhub-folder", "0 is done."},
};

std::string TableOf(const Heading& heading) {
  std::string page = std::string("## ") + heading.title + "\n\n" + heading.lead + "\n\n";
  page +=
      "| number | name | status | heard by | ask again | what it means | what to do |\n"
      "|---:|---|---|---|---|---|---|\n";
  for (const ErrorRow& row : ErrorTable()) {
    if (row.family != heading.family) continue;
    const bool told = row.status != absl::StatusCode::kOk;
    page += "| " + std::to_string(row.number) + " | `" + row.name + "` | " +
            (told ? "`" + absl::StatusCodeToString(row.status) + "`" : "–") + " | " + row.heard_by +
            " | " + (row.retryable ? "yes" : "no") + " | " + row.means + " | " + row.remedy +
            " |\n";
  }
  return page;
}

TEST(ErrorCodesTest, ThePageOfErrorsHasTheTables) {
  std::ostringstream text;
  text << std::ifstream(SESSIONHUB_ERRORS_PAGE).rdbuf();
  std::string page = text.str();
  const size_t mark = page.find(kTablesBegin);
  ASSERT_NE(mark, std::string::npos) << SESSIONHUB_ERRORS_PAGE << " has no line " << kTablesBegin;
  const size_t begin = mark + sizeof(kTablesBegin) - 1;
  const size_t end = page.find(kTablesEnd, begin);
  ASSERT_NE(end, std::string::npos) << SESSIONHUB_ERRORS_PAGE << " has no line " << kTablesEnd;
  std::string expected = "\n";
  for (const Heading& heading : kHeadings) expected += TableOf(heading) + "\n";
  const char* update = std::getenv("SESSIONHUB_GOLDEN_UPDATE");
  if (update != nullptr && std::string(update) == "1") {
    page.replace(begin, end - begin, expected);
    std::ofstream(SESSIONHUB_ERRORS_PAGE) << page;
    return;
  }
  EXPECT_EQ(page.substr(begin, end - begin), expected)
      << "SESSIONHUB_GOLDEN_UPDATE=1 writes what there is into " << SESSIONHUB_ERRORS_PAGE;
}

// Each value of an enum of the schema has its row, under its name, but for 0 and `never_told`.
void ExpectRowsOf(ErrorFamily family, const google::protobuf::EnumDescriptor& schema,
                  const std::set<int>& never_told) {
  for (int i = 0; i < schema.value_count(); ++i) {
    const auto& value = *schema.value(i);
    if (value.number() == 0 || never_told.count(value.number()) > 0) continue;
    const ErrorRow* const row = FindError(family, value.number());
    ASSERT_NE(row, nullptr) << value.full_name();
    EXPECT_EQ(row->name, value.name());
  }
}

TEST(ErrorCodesTest, EveryCodeOfTheSchemaHasItsRow) {
  ExpectRowsOf(ErrorFamily::kRefusal, *v1::RefusalReason_descriptor(), {});
  ExpectRowsOf(ErrorFamily::kGoodbye, *v1::Goodbye::Why_descriptor(), {});
  // A session that has another id goes on, and its nodes are told the id.
  ExpectRowsOf(ErrorFamily::kEnded, *v1::Ended::Why_descriptor(), {v1::Ended::RENAMED});
}

TEST(ErrorCodesTest, RowsAreNumberedInTheirOrderAndNamedOnce) {
  std::map<ErrorFamily, int> last;
  std::set<std::pair<ErrorFamily, std::string>> names;
  ErrorFamily family = ErrorFamily::kRefusal;
  for (const ErrorRow& row : ErrorTable()) {
    EXPECT_GE(row.family, family) << row.name;
    family = row.family;
    EXPECT_GT(row.number, last[row.family]) << row.name;
    last[row.family] = row.number;
    EXPECT_TRUE(names.emplace(row.family, row.name).second) << row.name;
  }
  EXPECT_NE(FindError(ErrorFamily::kCall, static_cast<int>(CallError::kRecordDamaged)), nullptr);
  EXPECT_EQ(last[ErrorFamily::kCall], static_cast<int>(CallError::kRecordDamaged));
  EXPECT_EQ(last[ErrorFamily::kClient], static_cast<int>(ClientError::kObjectDestroyed));
}

TEST(ErrorCodesTest, AStatusHasTheCodeOfItsRow) {
  EXPECT_THAT(ErrorStatus(v1::Goodbye::BUSY, "nodes_max"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("nodes_max")));
  EXPECT_THAT(ErrorStatus(v1::Ended::UNREADABLE, ""),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("cannot read this session")));
  EXPECT_THAT(ErrorStatus(CallError::kDiskLow, "m"),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("m")));
  EXPECT_THAT(ErrorStatus(ClientError::kClosed, "m"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("m")));
  EXPECT_THAT(ErrorStatus(static_cast<v1::Goodbye::Why>(99), "m"),
              StatusIs(absl::StatusCode::kUnknown, HasSubstr("m")));
}

}  // namespace
}  // namespace sessionhub
