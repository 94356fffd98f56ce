#include "hub/shard/agenda.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sessionhub::hub {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

DueEntry At(Slot slot, uint64_t due) {
  return {{slot, due, 7}, {}};
}

TEST(AgendaTest, LooksAtEverySlotOnceAndThenOnlyWhenSomethingIsDue) {
  Agenda agenda({3, 4});
  const auto ranges = agenda.RangesAt(100);
  ASSERT_THAT(ranges, ElementsAre(DueRange{3, 100, kDuePerTurnMax / 2, 0, true},
                                  DueRange{4, 100, kDuePerTurnMax / 2, 0, true}));
  agenda.SeenTo(ranges[0], {At(3, 50), At(3, 200)});
  agenda.SeenTo(ranges[1], {});
  EXPECT_THAT(agenda.RangesAt(199), IsEmpty());
  EXPECT_THAT(agenda.RangesAt(200), ElementsAre(DueRange{3, 200, kDuePerTurnMax, 200, true}));
  agenda.Note({4, 150, 9});
  EXPECT_THAT(agenda.RangesAt(150), ElementsAre(DueRange{4, 150, kDuePerTurnMax, 150, true}));
}

TEST(AgendaTest, AFullRangeIsLookedAtAgainFromItsLastTime) {
  Agenda agenda({3});
  DueRange range = agenda.RangesAt(100)[0];
  range.count_max = 2;
  agenda.SeenTo(range, {At(3, 50), At(3, 60)});
  EXPECT_EQ(agenda.RangesAt(100)[0].from, 60u);
}

TEST(AgendaTest, WhatHasWaitedTooLongGetsLargerTurns) {
  Agenda agenda({3});
  agenda.Note({3, 1, 7});
  agenda.SeenTo(agenda.RangesAt(0)[0], {At(3, 100)});
  EXPECT_EQ(agenda.RangesAt(100 + kDueLateUs)[0].count_max, kDuePerTurnMax);
  EXPECT_EQ(agenda.RangesAt(101 + kDueLateUs)[0].count_max, kDuePerLateTurnMax);
}

}  // namespace
}  // namespace sessionhub::hub
