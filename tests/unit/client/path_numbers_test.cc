#include "client/cpp/src/path_numbers.h"

#include <gtest/gtest.h>

#include <string>

namespace sessionhub::client {
namespace {

Path At(const std::string& text) {
  return *Path::FromText(text);
}

TEST(PathNumbers, DefinesAPathOnceAndNoMoreThanThereIsRoomFor) {
  PathNumbers numbers;
  numbers.Reset(2);
  PathNumbers::Definitions definitions;
  EXPECT_EQ(numbers.Number(At("a"), &definitions), 1u);
  EXPECT_EQ(numbers.Number(At("a"), &definitions), 1u);
  EXPECT_EQ(numbers.Number(At("b/c"), &definitions), 2u);
  EXPECT_EQ(numbers.Number(At("d"), &definitions), 0u);
  ASSERT_EQ(definitions.size(), 2);
  EXPECT_EQ(definitions[1].number(), 2u);
  EXPECT_EQ(definitions[1].path(), "b/c");
}

TEST(PathNumbers, FindsWhatTheHubDefinedAndIsEmptyOnANewStream) {
  PathNumbers numbers;
  numbers.Reset(2);
  PathNumbers::Definitions definitions;
  v1::PathDefinition* legal = definitions.Add();
  legal->set_number(9);
  legal->set_path("x/y");
  v1::PathDefinition* illegal = definitions.Add();
  illegal->set_number(10);
  illegal->set_path("~7");
  numbers.Define(definitions);
  ASSERT_NE(numbers.Find(9), nullptr);
  EXPECT_EQ(*numbers.Find(9), At("x/y"));
  EXPECT_EQ(numbers.Find(10), nullptr);
  numbers.Reset(2);
  EXPECT_EQ(numbers.Find(9), nullptr);
}

}  // namespace
}  // namespace sessionhub::client
