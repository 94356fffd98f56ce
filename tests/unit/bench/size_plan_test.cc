// The arithmetic of the plan, and that docs/sizing.md has the constants it rests on. With
// SESSIONHUB_GOLDEN_UPDATE=1 they are written into it anew.
#include "bench/sizing/size_plan.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "bench/sizing/size_constants.h"
#include "bench/sizing/sizing.h"
#include "bench/sizing/sizing_check.h"

namespace sessionhub::bench {
namespace {

constexpr char kTableBegin[] =
    "<!-- The table of constants, made by the program; see tests/unit/bench. -->\n";
constexpr char kTableEnd[] = "<!-- The end of the table. -->\n";

SizeQuestion Thousand() {
  SizeQuestion question;
  question.sessions = 1'000;
  question.session_bytes = 2'000;
  question.session_fields = 10;
  question.nodes = 5;
  question.changes_per_s = 100;
  question.fan_out = 3;
  question.value_bytes = 16;
  question.backups_kept = 4;
  return question;
}

TEST(SizePlanTest, HubMemoryIsThatOfProgramNodesPairsCacheAndWriteBuffers) {
  SizeQuestion question = Thousand();
  const double stored = 1'000 * (kStoredSession.value + 10 * kStoredField.value + 2'000);
  const double others =
      kHubProgram.value + 5 * kHubNode.value + 3'000 * kHubPair.value + kWriteBuffers.value;
  EXPECT_DOUBLE_EQ(PlanFor(question).hub_memory_bytes, others + stored);
  // The cache holds no more than it may.
  question.block_cache_bytes = stored / 2;
  EXPECT_DOUBLE_EQ(PlanFor(question).hub_memory_bytes, others + stored / 2);
}

TEST(SizePlanTest, ANodeHoldsItsShareOfTheOpenSessions) {
  const double each = kNodeSession.value + 10 * kNodeField.value + 2'000;
  EXPECT_DOUBLE_EQ(PlanFor(Thousand()).node_memory_bytes,
                   kNodeProgram.value + 1'000 * 3.0 / 5 * each);
}

TEST(SizePlanTest, TheDiskHoldsTablesAndLogAndBackupsOfBoth) {
  const SizeQuestion question = Thousand();
  const double stored = 1'000 * (kStoredSession.value + 10 * kStoredField.value + 2'000);
  const SizePlan plan = PlanFor(question);
  EXPECT_DOUBLE_EQ(plan.disk_bytes, stored * kTablesFactor.value + question.log_bytes_max);
  EXPECT_DOUBLE_EQ(plan.backups_bytes_max, 4 * plan.disk_bytes);
}

TEST(SizePlanTest, FewChangesSyncABlockEach) {
  SizeQuestion question = Thousand();
  question.changes_per_s = 1;
  const double tables = (kLogChange.value + 16) * kTableWrites.value;
  EXPECT_NEAR(PlanFor(question).disk_written_bytes_per_s, kSyncBlock.value + tables, 1);
}

TEST(SizePlanTest, ManyChangesShareSyncsUntilTheLogItselfIsMore) {
  SizeQuestion question = Thousand();
  question.changes_per_s = 1e6;
  const double logged = 1e6 * (kLogChange.value + 16);
  EXPECT_DOUBLE_EQ(PlanFor(question).disk_written_bytes_per_s, logged * (1 + kTableWrites.value));
  const double few = 1'000, more = 5'000;
  question.changes_per_s = few;
  const double each = PlanFor(question).disk_written_bytes_per_s / few;
  question.changes_per_s = more;
  EXPECT_LT(PlanFor(question).disk_written_bytes_per_s / more, each);
}

TEST(SizePlanTest, ProcessorsWorkForChangesAndForCopies) {
  const SizePlan plan = PlanFor(Thousand());
  EXPECT_DOUBLE_EQ(plan.hub_cores, (100 * kHubChange.value + 200 * kHubForward.value) / 1e6);
  EXPECT_DOUBLE_EQ(
      plan.nodes_cores,
      (100 * kNodeChange.value + 200 * kNodeForward.value + 5 * kNodeIdle.value) / 1e6);
}

TEST(SizePlanTest, TheWireCarriesChangesCopiesAndHeartbeats) {
  SizeQuestion question = Thousand();
  const double change = kWireChange.value + 16 + 2 * (kWireForward.value + 16);
  EXPECT_DOUBLE_EQ(PlanFor(question).wire_change_bytes, change);
  EXPECT_DOUBLE_EQ(PlanFor(question).wire_bytes_per_s, 100 * change + 5 * kWireIdle.value);
  question.tls = true;
  EXPECT_DOUBLE_EQ(PlanFor(question).wire_change_bytes,
                   change + kTlsChange.value + 2 * kTlsForward.value);
}

TEST(SizePlanTest, AFactorGoesBothWays) {
  EXPECT_TRUE(WithinSizingFactor(10, 10));
  EXPECT_TRUE(WithinSizingFactor(10, 10 * kSizingFactorMax));
  EXPECT_TRUE(WithinSizingFactor(10, 10 / kSizingFactorMax));
  EXPECT_FALSE(WithinSizingFactor(10, 10.1 * kSizingFactorMax));
  EXPECT_FALSE(WithinSizingFactor(10, 9.9 / kSizingFactorMax));
}

TEST(SizePlanTest, OptionsThatContradictEachOtherAreRefused) {
  SizingOptions options;
  EXPECT_TRUE(CheckSizingOptions(options).ok());
  options.quick = true;
  EXPECT_FALSE(CheckSizingOptions(options).ok());
  options.check = true;
  EXPECT_TRUE(CheckSizingOptions(options).ok());
  options.question.fan_out = options.question.nodes + 1;
  EXPECT_FALSE(CheckSizingOptions(options).ok());
}

TEST(SizePlanTest, PointsGrowAndFitThemselves) {
  for (const bool quick : {false, true}) {
    const auto points = SizingPoints(quick);
    ASSERT_EQ(points.size(), 4u);
    EXPECT_LT(points[0].question.sessions, points[1].question.sessions);
    EXPECT_LT(points[1].question.sessions, points[2].question.sessions);
    EXPECT_TRUE(points[3].question.tls);
    for (const SizingPoint& point : points) {
      EXPECT_LE(point.question.fan_out, point.question.nodes) << point.name;
      EXPECT_GE(point.question.sessions, point.question.nodes) << point.name;
    }
  }
}

TEST(SizeConstantsTest, NamesAreDifferent) {
  std::set<std::string> names;
  for (const SizeConstant& constant : kSizeConstants) names.insert(constant.name);
  EXPECT_EQ(names.size(), kSizeConstants.size());
}

TEST(SizeConstantsTest, TheTableInSizingIsThatOfTheProgram) {
  std::ostringstream text;
  text << std::ifstream(SESSIONHUB_SIZING_PAGE).rdbuf();
  std::string page = text.str();
  const size_t mark = page.find(kTableBegin);
  ASSERT_NE(mark, std::string::npos) << SESSIONHUB_SIZING_PAGE << " has no line " << kTableBegin;
  const size_t begin = mark + sizeof(kTableBegin) - 1;
  const size_t end = page.find(kTableEnd, begin);
  ASSERT_NE(end, std::string::npos) << SESSIONHUB_SIZING_PAGE << " has no line " << kTableEnd;
  const std::string expected = "\n" + SizeConstantsTable() + "\n";
  const char* update = std::getenv("SESSIONHUB_GOLDEN_UPDATE");
  if (update != nullptr && std::string(update) == "1") {
    page.replace(begin, end - begin, expected);
    std::ofstream(SESSIONHUB_SIZING_PAGE) << page;
    return;
  }
  EXPECT_EQ(page.substr(begin, end - begin), expected)
      << "SESSIONHUB_GOLDEN_UPDATE=1 writes what there is into " << SESSIONHUB_SIZING_PAGE;
}

}  // namespace
}  // namespace sessionhub::bench
