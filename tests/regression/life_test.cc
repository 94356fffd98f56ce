// What other session managers get wrong about time, by name.
#include "hub/shard/life.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "tests/regression/quiet_cluster.h"
#include "tests/unit/hub/shard/life_bench.h"

namespace sessionhub {
namespace {

using hub::kHourUs;
using hub::kMinuteUs;
using hub::kSecondUs;
using hub::LifeBench;

// What "on time" allows beyond 1.1 T: a tick, and a frame on its way.
constexpr uint64_t kGraceUs = kSecondUs;

class LifeRegression : public LifeBench {
 protected:
  // A login rush: sessions that nobody holds, created now. The machine finds them stored.
  void CreateAtOnce(uint64_t count) {
    hub::Loaded loaded;
    for (uint32_t slot = 0; slot < kSlots; ++slot) {
      loaded.session_counts[static_cast<Slot>(slot)] = 0;
    }
    hub::TurnState state(&loaded);
    Settings settings;
    settings.idle_timeout_ms = kIdleUs / 1000;
    for (uint64_t n = 0; n < count; ++n) {
      const auto session = CreateSession(hub::NameOf(std::to_string(n)), now_us_, &state);
      ApplySettings(*session, settings, now_us_, served_, &state);
    }
    ASSERT_OK(store_->Apply(std::move(state).TakeRecord(), /*sync=*/true));
    hub::ShardMachineOptions options;
    options.served = served_;
    machine_ = hub::ShardMachine(options);
  }
};

// Tomcat's DeltaManager: reads on one node are not heard of by the others, which expire the session
// at once or only after twice the time.
TEST(LifeRegressionTest, IdleSessionThatIsOnlyReadExpiresOnTimeOnEveryNode) {
  constexpr uint64_t kIdleUs = 20 * kMinuteUs;
  regression::QuietCluster cluster;
  cluster.Advance(cluster.lease_us());
  cluster.Open(0, "ada", kIdleUs);
  cluster.Open(1, "ada", 0);
  // For three times its timeout it is read, on one node and then on the other, and never written.
  uint64_t read_us = 0;
  for (int minute = 0; minute < 60; ++minute) {
    cluster.Advance(kMinuteUs);
    ASSERT_TRUE(cluster.Read(minute < 30 ? 0 : 1).ok()) << "after " << minute << " minutes";
    read_us = cluster.now_us();
  }
  EXPECT_LE(cluster.touches(), 60u / 2 + 2) << "at most one in a tenth of the timeout";
  // Another read, which only has a touch of its own to be known by.
  cluster.Advance(10 * kSecondUs);
  ASSERT_TRUE(cluster.Read(1).ok());
  read_us = cluster.now_us();
  cluster.AdvanceTo(read_us + kIdleUs - 1);
  EXPECT_TRUE(cluster.Alive(0));
  EXPECT_TRUE(cluster.Alive(1));
  cluster.AdvanceTo(read_us + kIdleUs + kIdleUs / 10 + kGraceUs);
  EXPECT_FALSE(cluster.Alive(0));
  EXPECT_FALSE(cluster.Alive(1));
}

TEST_F(LifeRegression, HundredThousandExpiringInOneMinuteMakeNoBurst) {
  constexpr uint64_t kSessions = 100'000;
  constexpr uint64_t kTickUs = 50'000;  // as hub.cc does
  StartHub();
  Run(now_us_ + 2 * kLeaseUs);
  // A tenth of ten minutes is the minute in which they may end.
  const uint64_t used_us = now_us_;
  CreateAtOnce(kSessions);

  const uint64_t begin_us = used_us + kIdleUs;
  TickAt(begin_us - 1);
  EXPECT_EQ(machine_.counters().sessions_expired, 0u);
  constexpr double kMean = kSessions / 60.0;
  uint64_t expired = 0;
  for (int second = 0; second < 61; ++second) {
    for (uint64_t tick = 1; tick <= kSecondUs / kTickUs; ++tick) {
      TickAt(begin_us + static_cast<uint64_t>(second) * kSecondUs + tick * kTickUs);
      EXPECT_LE(record_.due.size(), 3 * hub::kDuePerTurnMax) << "a turn's work is bounded";
    }
    const uint64_t now_expired = machine_.counters().sessions_expired;
    EXPECT_LE(static_cast<double>(now_expired - expired), 1.5 * kMean) << "in second " << second;
    expired = now_expired;
  }
  EXPECT_EQ(expired, kSessions);
}

TEST_F(LifeRegression, HubThatWasDownForAnHourExpiresNobodyForIt) {
  StartHub();
  Run(now_us_ + 2 * kLeaseUs);
  std::map<SessionNumber, uint64_t> deadlines;
  for (int n = 0; n < 60; ++n) {  // of all ages
    const SessionNumber session = Create(std::to_string(n), kIdleUs);
    deadlines[session] = Deadline(session);
    Run(now_us_ + 10 * kSecondUs);
  }
  const uint64_t down_us = now_us_;
  StartHub(kHourUs);
  const uint64_t added_us = now_us_ - down_us + kLeaseUs;
  Run(now_us_ + kLeaseUs);
  for (const auto& [session, deadline] : deadlines) EXPECT_TRUE(Alive(session));
  for (const auto& [session, deadline] : deadlines)
    EXPECT_EQ(Deadline(session), deadline + added_us);
  // And then each at its time: the outage is no reprieve for ever.
  while (!deadlines.empty()) {
    Run(now_us_ + kSecondUs);
    for (auto it = deadlines.begin(); it != deadlines.end();) {
      EXPECT_EQ(Alive(it->first), now_us_ < it->second + added_us);
      it = Alive(it->first) ? std::next(it) : deadlines.erase(it);
    }
  }
}

}  // namespace
}  // namespace sessionhub
