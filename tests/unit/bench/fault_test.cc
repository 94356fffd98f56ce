#include "bench/crash/fault.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "hub/fail_point.h"

namespace sessionhub::bench {
namespace {

using Kind = CommitEvent::Kind;

constexpr int64_t kLeaseMicros = 3'000'000;

CommitEvent Event(Kind kind, uint64_t request, int64_t time_us) {
  CommitEvent event;
  event.kind = kind;
  event.request = request;
  event.time_us = time_us;
  return event;
}

FaultDone Done(Fault::Kind kind, int64_t at_us, int64_t again_us) {
  FaultDone done;
  done.fault.kind = kind;
  done.at_us = at_us;
  done.again_us = again_us;
  return done;
}

std::vector<Fault> Plan(const FaultCounts& wanted, size_t faults_max, uint64_t seed) {
  std::mt19937_64 random(seed);
  return PlanFaults(wanted, faults_max, kLeaseMicros, &random);
}

// What tells two plans apart.
std::vector<std::string> Described(const std::vector<Fault>& plan) {
  std::vector<std::string> faults;
  for (const Fault& fault : plan) {
    faults.push_back(fault.phase + " " + fault.fail_point + " " + std::to_string(fault.stop_us) +
                     " " + std::to_string(fault.requests));
  }
  return faults;
}

TEST(ShareOut, GivesEachPhaseAsMany) {
  const FaultCounts counts = ShareOut(500, 7, 2);
  EXPECT_EQ(counts.hub_kills.size(), std::size(kPhases));
  for (const char* phase : kPhases) {
    EXPECT_EQ(counts.hub_kills.at(phase), phase == std::string(kAnyPhase) ? 85u : 83u) << phase;
  }
  EXPECT_EQ(counts.at_the_hub(), 502u);
  EXPECT_EQ(counts.at_nodes(), 9u);
  EXPECT_EQ(counts.all(), 511u);
}

TEST(PlanFaults, HoldsWhatIsWantedAndNoMore) {
  std::map<std::string, size_t> phases;
  size_t node_kills = 0, hub_stops = 0, node_stops = 0;
  for (const Fault& fault : Plan(ShareOut(60, 5, 3), 1000, 1)) {
    if (fault.kind == Fault::Kind::kKillHub) ++phases[fault.phase];
    node_kills += fault.kind == Fault::Kind::kKillNode ? 1 : 0;
    hub_stops += fault.kind == Fault::Kind::kStopHub ? 1 : 0;
    node_stops += fault.kind == Fault::Kind::kStopNode ? 1 : 0;
    EXPECT_GT(fault.requests, 0u);
  }
  EXPECT_EQ(phases.size(), std::size(kPhases));
  for (const auto& [phase, kills] : phases) EXPECT_EQ(kills, 10u) << phase;
  EXPECT_EQ(node_kills, 5u);
  EXPECT_EQ(hub_stops, 3u);
  EXPECT_EQ(node_stops, 3u);
  EXPECT_EQ(Plan(ShareOut(60, 5, 3), 24, 1).size(), 24u);
}

TEST(PlanFaults, TheSeedDecides) {
  const FaultCounts wanted = ShareOut(30, 10, 2);
  EXPECT_EQ(Described(Plan(wanted, 20, 1)), Described(Plan(wanted, 20, 1)));
  EXPECT_NE(Described(Plan(wanted, 20, 1)), Described(Plan(wanted, 20, 2)));
}

// A name that the hub does not know would stop its start; one that no plan has is never tried.
// Those of an upgrade are passed only when an operator finalizes one.
TEST(PlanFaults, UsesEachFailPointOfTheHub) {
  std::set<std::string> used;
  for (const Fault& fault : Plan(ShareOut(600, 0, 0), 1000, 1)) {
    if (fault.phase == kAnyPhase) {
      EXPECT_EQ(fault.fail_point, "");
      continue;
    }
    const size_t colon = fault.fail_point.find(':');
    used.insert(fault.fail_point.substr(0, colon));
    EXPECT_GT(std::stoi(fault.fail_point.substr(colon + 1)), 0);
  }
  std::set<std::string> of_turns;
  for (const std::string_view name : hub::kFailPoints) {
    if (name.rfind("finalize.", 0) != 0) of_turns.emplace(name);
  }
  EXPECT_EQ(used, of_turns);
}

TEST(PlanFaults, TheFirstOfTheStopsIsALongOne) {
  for (const Fault& fault : Plan(ShareOut(0, 0, 1), 10, 1)) {
    const bool of_hub = fault.kind == Fault::Kind::kStopHub;
    EXPECT_EQ(fault.until_unavailable, of_hub);
    EXPECT_EQ(fault.stop_us > kLeaseMicros, !of_hub);
  }
}

TEST(NextFailPoint, IsThatOfTheNextKillOfTheHub) {
  std::vector<Fault> plan(4);
  plan[0].kind = Fault::Kind::kKillNode;
  plan[1].fail_point = "sync.before:1";
  plan[2].kind = Fault::Kind::kStopHub;
  EXPECT_EQ(NextFailPoint(plan, 0), "sync.before:1");
  EXPECT_EQ(NextFailPoint(plan, 1), "sync.before:1");
  EXPECT_EQ(NextFailPoint(plan, 2), "");  // the last is killed from outside
  EXPECT_EQ(NextFailPoint(plan, 4), "");
}

// Two nodes; the hub dies at 100 and is ready again at 200.
TEST(LookAt, CountsWhatTheDeadHubNeverAnswered) {
  const std::vector<NodeLog> logs = {
      {"web-1",
       {Event(Kind::kSubmitted, 1, 10), Event(Kind::kAcked, 1, 20),      // answered before
        Event(Kind::kSubmitted, 2, 30), Event(Kind::kAcked, 2, 110),     // its ack was on its way
        Event(Kind::kSubmitted, 3, 100), Event(Kind::kAcked, 3, 260),    // answered by the next hub
        Event(Kind::kSubmitted, 4, 101), Event(Kind::kAcked, 4, 240)}},  // not there yet
      {"web-2",
       {Event(Kind::kSubmitted, 5, 90), Event(Kind::kSubmitted, 6, 91),
        Event(Kind::kRefused, 6, 230), Event(Kind::kOpened, 0, 99), Event(Kind::kNotSent, 7, 99)}}};
  const FaultMoment moment = LookAt(Done(Fault::Kind::kKillHub, 100, 200), logs);
  EXPECT_EQ(moment.unacked, 3u);
  EXPECT_DOUBLE_EQ(moment.first_ack_ms, 0.14);
}

TEST(LookAt, TheHubOutlivesTheKillOfANode) {
  const std::vector<NodeLog> logs = {
      {"web-1", {Event(Kind::kSubmitted, 1, 10), Event(Kind::kSubmitted, 2, 20)}},
      {"web-2", {Event(Kind::kSubmitted, 3, 30), Event(Kind::kAcked, 3, 110)}}};
  EXPECT_EQ(LookAt(Done(Fault::Kind::kKillNode, 100, 120), logs).unacked, 3u);
  EXPECT_EQ(LookAt(Done(Fault::Kind::kKillNode, 100, 120), logs).first_ack_ms, -1);
}

}  // namespace
}  // namespace sessionhub::bench
