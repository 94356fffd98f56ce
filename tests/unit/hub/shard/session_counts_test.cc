#include "hub/shard/session_counts.h"

#include <gtest/gtest.h>

namespace sessionhub::hub {
namespace {

using Writes = std::map<AppSlot, std::optional<uint64_t>>;

Writes MapOf(const std::vector<Write<AppSlot, uint64_t>>& writes) {
  Writes map;
  for (const auto& write : writes) map[write.key] = write.record;
  return map;
}

TEST(SessionCountsTest, ChangesGoOnFromWhatIsStored) {
  SessionCounts counts({{{3, 1}, 10}, {{4, 1}, 1}}, 0, 1);
  EXPECT_EQ(MapOf(counts.Take({{{3, 1}, 2}, {{3, 2}, 1}, {{4, 1}, -1}, {{5, 1}, 0}})),
            (Writes{{{3, 1}, 12}, {{3, 2}, 1}, {{4, 1}, std::nullopt}}));
  EXPECT_EQ(MapOf(counts.Take({{{3, 1}, -12}, {{4, 1}, 3}})),
            (Writes{{{3, 1}, std::nullopt}, {{4, 1}, 3}}));
}

TEST(SessionCountsTest, SlotsOfOtherShardsAreLeftAlone) {
  SessionCounts counts({{{3, 1}, 10}, {{4, 1}, 7}}, 1, 2);
  EXPECT_EQ(MapOf(counts.Take({{{3, 1}, 1}, {{4, 1}, 1}})), (Writes{{{3, 1}, 11}, {{4, 1}, 1}}));
}

TEST(SessionCountsTest, ACountIsNeverBelowNothing) {
  SessionCounts counts({}, 0, 1);
  EXPECT_EQ(MapOf(counts.Take({{{3, 1}, -1}})), (Writes{{{3, 1}, std::nullopt}}));
  EXPECT_EQ(MapOf(counts.Take({{{3, 1}, 1}})), (Writes{{{3, 1}, 1}}));
}

}  // namespace
}  // namespace sessionhub::hub
