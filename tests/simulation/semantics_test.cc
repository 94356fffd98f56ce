// Operations of every kind on three nodes, with faults, against the obvious model: every answer,
// stored field, owner and id is what the model says, and every copy what it was at that version. A
// failure names the seed and the case that repeat it.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "tests/simulation/cluster.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::simulation {
namespace {

// SESSIONHUB_SIMULATIONS asks for more of them: ten thousand before a release.
int CaseCount() {
  const char* text = std::getenv("SESSIONHUB_SIMULATIONS");
  return text ? std::atoi(text) : 60;
}

// What the test is about; without one of these it would prove less than it says.
const char* const kKinds[] = {
    "put applied",
    "erase applied",
    "erase-subtree applied",
    "increment applied",
    "increment by a double applied",
    "splice applied",
    "if-version applied",
    "if-version refused",
    "if-absent applied",
    "if-absent refused",
    "if-unchanged-since applied",
    "if-unchanged-since refused",
    "after-previous applied",
    "after-previous refused at the node",
    "refused PREVIOUS_REFUSED",
    "refused BASE_CHANGED",
    "refused WRONG_TYPE",
    "refused GONE",
    "refused LIMIT_EXCEEDED",
    "renamed",
    "renamed with an alias window",
    "applied after an id change",
    "opened by an old id",
    "open refused RENAMED",
    "open refused ALREADY_EXISTS",
    "open refused NOT_FOUND",
    "open refused LIMIT_EXCEEDED",
    "id change OK",
    "id change ALREADY_EXISTS",
    "id change NOT_FOUND",
    "owner set",
    "ended for its owner",
    "ended idle",
    "ended at its absolute timeout",
    "told received",
    "told delivered to all",
    "told durable, delivery unknown",
    "opened for nothing",
    "opened for invalidations",
    "opened for changes",
    "opened all",
    "invalidated",
    "heard nothing",
    "heard once",
    "heard each change",
    "evicted",
    "created exclusively",
    "created again",
    "deleted",
    "hub crashes at a start",
    "hub crashes in a large catch-up",
    "hub crashes with an id change reserved",
    "hub crashes with an id change made",
    "stops of a node",
    "steps of the wall clock",
    "restores",
    "acked commits lost by restores",
    "copies dropped for another history",
};

// Of which sixty cases may have none.
const char* const kRareKinds[] = {
    "told delivered but to some",
    "not the owner's any more",
    "hub crashes with an id change not retired",
};

TEST(SemanticsTest, EveryKindOfOperationIsAsTheModelSays) {
  Sights all;
  int cases = 0;
  testing::ForEachCase(CaseCount(), [&](testing::Random& random) {
    Cluster cluster(&random, /*every_kind=*/true);
    ASSERT_OK(cluster.Run(static_cast<int>(500 + testing::Below(random, 1500))));
    ASSERT_OK(cluster.Heal());
    Add(cluster.counts(), &all);
    Add(cluster.sights(), &all);
    ++cases;
  });
  std::printf("%d runs:\n", cases);
  Print(all);
  if (cases < 60) return;  // one case, to look at, need not have met everything
  for (const char* kind : kKinds) EXPECT_GT(all[kind], 0u) << kind << " never happened";
  for (const char* kind : kRareKinds) {
    EXPECT_TRUE(cases < 1000 || all[kind] > 0) << kind << " never happened";
  }
  EXPECT_GT(all["hub crashes"], 50u);
  EXPECT_GT(all["node crashes"], 10u);
  EXPECT_GT(all["sessions expired"], 10u);
}

}  // namespace
}  // namespace sessionhub::simulation
