// docs/operations.md has the tables of the options that there are. With SESSIONHUB_GOLDEN_UPDATE=1
// they are written into it anew.
#include "hub/options/option_page.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "hub/options/option_table.h"

namespace sessionhub::hub {
namespace {

constexpr char kBegin[] =
    "<!-- The tables of all options, made by the program; see tests/unit/hub/options. -->\n";
constexpr char kEnd[] = "<!-- The end of the tables. -->\n";

std::string PageOfOperations() {
  std::ostringstream text;
  text << std::ifstream(SESSIONHUB_OPERATIONS_PAGE).rdbuf();
  return text.str();
}

TEST(OptionPageTest, TheTablesInOperationsAreThoseOfTheProgram) {
  std::string page = PageOfOperations();
  const size_t mark = page.find(kBegin);
  ASSERT_NE(mark, std::string::npos) << SESSIONHUB_OPERATIONS_PAGE << " has no line " << kBegin;
  const size_t begin = mark + sizeof(kBegin) - 1;
  const size_t end = page.find(kEnd, begin);
  ASSERT_NE(end, std::string::npos) << SESSIONHUB_OPERATIONS_PAGE << " has no line " << kEnd;
  const std::string expected = "\n" + OptionTables(OptionTable()) + "\n";
  const char* update = std::getenv("SESSIONHUB_GOLDEN_UPDATE");
  if (update != nullptr && std::string(update) == "1") {
    page.replace(begin, end - begin, expected);
    std::ofstream(SESSIONHUB_OPERATIONS_PAGE) << page;
    return;
  }
  EXPECT_EQ(page.substr(begin, end - begin), expected)
      << "SESSIONHUB_GOLDEN_UPDATE=1 writes what there is into " << SESSIONHUB_OPERATIONS_PAGE;
}

}  // namespace
}  // namespace sessionhub::hub
