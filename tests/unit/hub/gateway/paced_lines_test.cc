#include "hub/gateway/paced_lines.h"

#include <gtest/gtest.h>

#include <optional>

namespace sessionhub::hub {
namespace {

TEST(PacedLinesTest, SoManyASecondAndTheOthersAreCounted) {
  PacedLines lines;
  for (uint64_t i = 0; i < PacedLines::kPerSecond; ++i) EXPECT_EQ(lines.Take(5'999'999), 0u);
  EXPECT_EQ(lines.Take(5'999'999), std::nullopt);
  EXPECT_EQ(lines.Take(5'999'999), std::nullopt);
  EXPECT_EQ(lines.Take(6'000'000), 2u);
  EXPECT_EQ(lines.Take(6'000'000), 0u);
}

}  // namespace
}  // namespace sessionhub::hub
