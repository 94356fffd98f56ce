#include "client/ctl/table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace sessionhub::ctl {
namespace {

TEST(TableTest, AlignsColumnsWithoutTrailingBlanks) {
  Table table({{"name"}, {"count", Align::kRight}, {"note"}});
  table.AddRow({"a", "7", ""});
  table.AddRow({"longer", "1234567", "x"});
  std::ostringstream out;
  table.Print(out);
  EXPECT_EQ(out.str(),
            "name      count  note\n"
            "a             7\n"
            "longer  1234567  x\n");
}

TEST(TableTest, CountsCharactersNotBytes) {
  Table table({{"id"}, {"n"}});
  table.AddRow({"ab…", "1"});
  table.AddRow({"abcd", "2"});
  std::ostringstream out;
  table.Print(out);
  EXPECT_EQ(out.str(), "id    n\nab…   1\nabcd  2\n");
}

TEST(TableTest, LaterPagesKeepTheWidthsAndHaveNoTitles) {
  Table table({{"id"}, {"n"}});
  table.AddRow({"long-one", "1"});
  std::ostringstream first;
  table.Print(first);
  table.AddRow({"b", "2"});
  std::ostringstream second;
  table.Print(second);
  EXPECT_EQ(first.str(), "id        n\nlong-one  1\n");
  EXPECT_EQ(second.str(), "b         2\n");
}

TEST(TableTest, ControlCharactersNeverReachTheTerminal) {
  Table table({{"id"}});
  table.AddRow({"\x1b[31m"});
  std::ostringstream out;
  table.Print(out);
  EXPECT_EQ(out.str(), "id\n\\x1b[31m\n");
}

TEST(TableTest, MissingCellsAreEmptyAndSurplusOnesLeftOut) {
  Table table({{"a"}, {"b"}});
  table.AddRow({"1"});
  table.AddRow({"1", "2", "3"});
  std::ostringstream out;
  table.Print(out);
  EXPECT_EQ(out.str(), "a  b\n1\n1  2\n");
}

}  // namespace
}  // namespace sessionhub::ctl
