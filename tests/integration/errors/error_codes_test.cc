// Each row of the table of errors is provoked once, and is told as the row says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <ostream>
#include <string>
#include <utility>

#include "tests/integration/errors/provocations.h"

namespace sessionhub {

void PrintTo(const ErrorRow& row, std::ostream* out) {
  *out << row.name;
}

namespace {

using ::testing::HasSubstr;
using testing::Provocation;
using testing::Told;

using Key = std::pair<ErrorFamily, int>;

std::multimap<Key, Provocation> AllProvocations() {
  std::multimap<Key, Provocation> all;
  for (const auto& list : {testing::FrameProvocations(), testing::CallProvocations(),
                           testing::ClientProvocations(), testing::ProgramProvocations()}) {
    for (const Provocation& one : list) all.emplace(Key(one.family, one.number), one);
  }
  return all;
}

const char* FamilyName(ErrorFamily family) {
  constexpr const char* kNames[] = {"Refusal", "Goodbye", "Ended",   "Call",
                                    "Client",  "HubExit", "ToolExit"};
  return kNames[static_cast<int>(family)];
}

class ErrorCodesTest : public ::testing::TestWithParam<ErrorRow> {};

TEST_P(ErrorCodesTest, IsToldAsItsRowSays) {
  const ErrorRow& row = GetParam();
  const auto all = AllProvocations();
  const auto found = all.find({row.family, row.number});
  ASSERT_NE(found, all.end()) << "nothing in tests/integration/errors provokes this row";
  const Told told = found->second.provoke();
  if (told.number != 0) {
    EXPECT_EQ(told.number, row.number) << told.text;
  }
  EXPECT_EQ(told.status, row.status) << told.text;
  EXPECT_THAT(told.text, HasSubstr(found->second.says));
}

INSTANTIATE_TEST_SUITE_P(Table, ErrorCodesTest,
                         ::testing::ValuesIn(ErrorTable().begin(), ErrorTable().end()),
                         [](const ::testing::TestParamInfo<ErrorRow>& row) {
                           return std::string(FamilyName(row.param.family)) + "_" + row.param.name;
                         });

TEST(ErrorProvocationsTest, AreOfTheTableAndThereOnce) {
  const auto all = AllProvocations();
  for (const auto& [key, one] : all) {
    EXPECT_NE(FindError(key.first, key.second), nullptr) << one.says;
    EXPECT_EQ(all.count(key), 1u) << one.says;
  }
}

}  // namespace
}  // namespace sessionhub
