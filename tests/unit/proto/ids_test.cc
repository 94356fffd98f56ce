#include "proto/session/ids.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace sessionhub {
namespace {

TEST(IdsTest, SessionNumberHoldsItsSlotAndItsCount) {
  const SessionNumber number = MakeSessionNumber(0xab, 5);
  EXPECT_EQ(number, 0x5abu);
  EXPECT_EQ(HomeSlot(number), 0xab);
  EXPECT_EQ(CountInSlot(number), 5u);
}

TEST(IdsTest, TheWholeRangeOfCountsFits) {
  const uint64_t count = (uint64_t{1} << 56) - 1;
  const SessionNumber number = MakeSessionNumber(255, count);
  EXPECT_EQ(HomeSlot(number), 255);
  EXPECT_EQ(CountInSlot(number), count);
}

// Golden: stored data depend on these. tests/golden holds more of them.
TEST(IdsTest, SlotsNeverChange) {
  EXPECT_EQ(SlotOf("shop", "session-1"), 40);
  EXPECT_EQ(SlotOf("shop", "session-2"), 53);
  EXPECT_EQ(SlotOf("blog", "session-1"), 48);
}

TEST(IdsTest, TheBorderBetweenAppAndIdCounts) {
  EXPECT_NE(SlotOf("ab", "c"), SlotOf("a", "bc"));
}

TEST(IdsTest, SlotsAreSpreadOverTheWholeRange) {
  std::set<Slot> seen;
  for (int i = 0; i < 10000; ++i) seen.insert(SlotOf("shop", std::to_string(i)));
  EXPECT_EQ(seen.size(), static_cast<size_t>(kSlots));
}

TEST(IdsTest, Id128ComesBackFromItsBytes) {
  std::array<uint8_t, 16> id{};
  for (size_t i = 0; i < id.size(); ++i) id[i] = static_cast<uint8_t>(0xf0 + i);
  const std::string bytes = Id128ToBytes(id);
  EXPECT_EQ(bytes.size(), 16u);
  EXPECT_EQ(bytes[15], '\xff');
  EXPECT_EQ(BytesToId128(bytes), id);
}

TEST(IdsTest, AnotherLengthThan16GivesTheZeroId) {
  const std::array<uint8_t, 16> zero{};
  EXPECT_EQ(BytesToId128(""), zero);
  EXPECT_EQ(BytesToId128(std::string(15, 'x')), zero);
  EXPECT_EQ(BytesToId128(std::string(17, 'x')), zero);
  EXPECT_NE(BytesToId128(std::string(16, 'x')), zero);
}

TEST(IdsTest, HexIsLowerCase) {
  EXPECT_EQ(ToHex(""), "");
  EXPECT_EQ(ToHex(std::string("\x00\x7f\xab", 3)), "007fab");
}

}  // namespace
}  // namespace sessionhub
