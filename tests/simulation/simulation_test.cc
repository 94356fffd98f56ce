// The whole system in one thread, from a seed, with faults; every promise is checked on the way and
// at the end. A failure names the seed and the case that repeat it.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/simulation/cluster.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::simulation {
namespace {

// SESSIONHUB_SIMULATIONS asks for more of them: thousands before a release.
int CaseCount() {
  const char* text = std::getenv("SESSIONHUB_SIMULATIONS");
  return text ? std::atoi(text) : 60;
}

void Add(const Sights& one, Sights* all) {
  all->commits_applied += one.commits_applied;
  all->commits_refused += one.commits_refused;
  all->commits_unknown += one.commits_unknown;
  all->hub_crashes += one.hub_crashes;
  all->hub_restarts += one.hub_restarts;
  all->node_crashes += one.node_crashes;
  all->cuts += one.cuts;
  all->lapses += one.lapses;
  all->large_catch_ups += one.large_catch_ups;
  all->sessions += one.sessions;
  all->sessions_deleted += one.sessions_deleted;
  all->sessions_expired += one.sessions_expired;
  all->touches += one.touches;
  all->outages += one.outages;
  all->full_disks += one.full_disks;
  all->losses += one.losses;
  all->horizons += one.horizons;
}

TEST(SimulationTest, PromisesHoldThroughFaults) {
  Sights all;
  int cases = 0;
  testing::ForEachCase(CaseCount(), [&](testing::Random& random) {
    Cluster cluster(&random);
    ASSERT_OK(cluster.Run(static_cast<int>(500 + testing::Below(random, 3000))));
    ASSERT_OK(cluster.Heal());
    Add(cluster.sights(), &all);
    ++cases;
  });
  RecordProperty("applied", static_cast<int>(all.commits_applied));
  std::printf(
      "%d runs: %lu applied, %lu refused, %lu unknown, %lu hub crashes, %lu hub restarts, "
      "%lu node crashes, %lu cuts, %lu lapses, %lu large catch-ups, %lu sessions, %lu deleted, "
      "%lu expired, %lu touches, %lu outages, %lu horizons, %lu full disks, %lu lost connections\n",
      cases, all.commits_applied, all.commits_refused, all.commits_unknown, all.hub_crashes,
      all.hub_restarts, all.node_crashes, all.cuts, all.lapses, all.large_catch_ups, all.sessions,
      all.sessions_deleted, all.sessions_expired, all.touches, all.outages, all.horizons,
      all.full_disks, all.losses);
  if (cases < 60) return;  // one case, to look at, need not have met everything
  EXPECT_GT(all.commits_applied, 1000u);
  EXPECT_GT(all.commits_refused, 100u);
  EXPECT_GT(all.commits_unknown, 10u);
  EXPECT_GT(all.hub_crashes, 50u);
  EXPECT_GT(all.hub_restarts, 10u);
  EXPECT_GT(all.node_crashes, 10u);
  EXPECT_GT(all.lapses, 100u);
  EXPECT_GT(all.large_catch_ups, 100u);
  EXPECT_GT(all.sessions_deleted, 20u);
  EXPECT_GT(all.sessions_expired, 100u);
  EXPECT_GT(all.touches, 100u);
  EXPECT_GT(all.outages, 30u);
  EXPECT_GT(all.horizons, 20u);
  EXPECT_GT(all.full_disks, 50u);
  EXPECT_GT(all.losses, 50u);
}

// A seed must repeat its run, or a failure could not be looked at.
TEST(SimulationTest, OneSeedIsOneRun) {
  const auto run = [](uint64_t seed) {
    testing::Random random(seed);
    Cluster cluster(&random);
    EXPECT_OK(cluster.Run(1500));
    EXPECT_OK(cluster.Heal());
    return std::make_pair(random(), cluster.sights().commits_applied);
  };
  EXPECT_EQ(run(11), run(11));
  EXPECT_NE(run(11), run(12));
}

}  // namespace
}  // namespace sessionhub::simulation
