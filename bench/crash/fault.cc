#include "bench/crash/fault.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <unordered_map>

namespace sessionhub::bench {
namespace {

// A fail point, and up to how many passes after it was armed the hub goes on. Few: with each pass
// more of the commits that were in flight are answered.
struct Place {
  const char* phase;
  const char* fail_point;
  uint64_t passes_max;
  bool needs_catch_ups = false;
  bool needs_large_ones = false;
};

constexpr Place kPlaces[] = {
    {"before_sync", "sync.before", 2},
    {"in_sync", "sync.torn", 2},
    {"in_sync", "sync.within", 2},
    {"after_sync", "sync.after", 2},
    {"release", "release.effect", 60},
    {"release", "release.wake", 3},
    {"catch_up", "catch_up.turn", 5, true},
    {"catch_up", "catch_up.reader", 3, true, true},
    {"catch_up", "catch_up.last", 1, true, true},
};

constexpr uint64_t kRequestsBetweenMax = 600;
constexpr int64_t kShortStopMicros = 1'500'000;

uint64_t Below(uint64_t bound, std::mt19937_64* random) {
  return std::uniform_int_distribution<uint64_t>(0, bound - 1)(*random);
}

Fault KillOfHub(const std::string& phase, std::mt19937_64* random) {
  Fault fault;
  fault.kind = Fault::Kind::kKillHub;
  fault.phase = phase;
  std::vector<Place> places;
  std::copy_if(std::begin(kPlaces), std::end(kPlaces), std::back_inserter(places),
               [&](const Place& place) { return place.phase == phase; });
  if (places.empty()) return fault;
  const Place& place = places[Below(places.size(), random)];
  fault.fail_point =
      std::string(place.fail_point) + ":" + std::to_string(1 + Below(place.passes_max, random));
  fault.needs_catch_ups = place.needs_catch_ups;
  fault.needs_large_ones = place.needs_large_ones;
  return fault;
}

Fault Stop(Fault::Kind kind, bool long_one, int64_t lease_us, std::mt19937_64* random) {
  Fault fault;
  fault.kind = kind;
  fault.stop_us = kShortStopMicros / 3 + static_cast<int64_t>(Below(kShortStopMicros, random));
  if (long_one && kind == Fault::Kind::kStopNode) fault.stop_us += lease_us;
  fault.until_unavailable = long_one && kind == Fault::Kind::kStopHub;
  return fault;
}

}  // namespace

size_t FaultCounts::at_the_hub() const {
  size_t count = hub_stops;
  for (const auto& [phase, kills] : hub_kills) count += kills;
  return count;
}

FaultCounts ShareOut(size_t hub_kills, size_t node_kills, size_t stops) {
  FaultCounts counts;
  const size_t share = hub_kills / std::size(kPhases);
  for (const char* phase : kPhases) counts.hub_kills[phase] = share;
  counts.hub_kills[kAnyPhase] += hub_kills % std::size(kPhases);
  counts.node_kills = node_kills;
  counts.hub_stops = counts.node_stops = stops;
  return counts;
}

std::vector<Fault> PlanFaults(const FaultCounts& wanted, size_t faults_max, int64_t lease_us,
                              std::mt19937_64* random) {
  std::vector<Fault> plan;
  for (const auto& [phase, kills] : wanted.hub_kills) {
    for (size_t i = 0; i < kills; ++i) plan.push_back(KillOfHub(phase, random));
  }
  Fault kill_of_node;
  kill_of_node.kind = Fault::Kind::kKillNode;
  plan.insert(plan.end(), wanted.node_kills, kill_of_node);
  for (size_t i = 0; i < wanted.hub_stops; ++i) {
    plan.push_back(Stop(Fault::Kind::kStopHub, i % 2 == 0, lease_us, random));
  }
  for (size_t i = 0; i < wanted.node_stops; ++i) {
    plan.push_back(Stop(Fault::Kind::kStopNode, i % 2 == 0, lease_us, random));
  }
  std::shuffle(plan.begin(), plan.end(), *random);
  if (plan.size() > faults_max) plan.resize(faults_max);
  for (Fault& fault : plan) fault.requests = 1 + Below(kRequestsBetweenMax, random);
  return plan;
}

std::string NextFailPoint(const std::vector<Fault>& plan, size_t next) {
  const auto kill =
      std::find_if(plan.begin() + static_cast<ptrdiff_t>(std::min(next, plan.size())), plan.end(),
                   [](const Fault& fault) { return fault.kind == Fault::Kind::kKillHub; });
  return kill == plan.end() ? "" : kill->fail_point;
}

FaultMoment LookAt(const FaultDone& done, const std::vector<NodeLog>& logs) {
  using Kind = CommitEvent::Kind;
  // What answers after the kill of a node is a hub that lives on.
  const int64_t answered_by_us =
      done.fault.kind == Fault::Kind::kKillHub ? done.again_us : done.at_us;
  int64_t first_ack_us = std::numeric_limits<int64_t>::max();
  size_t submitted = 0, answered = 0;
  for (const NodeLog& log : logs) {
    std::unordered_map<uint64_t, bool> before;  // requests submitted before the fault
    for (const CommitEvent& event : log.events) {
      if (event.kind == Kind::kSubmitted) {
        if (event.time_us <= done.at_us) ++submitted, before[event.request] = true;
      } else if (event.kind != Kind::kNotSent && event.time_us <= answered_by_us) {
        answered += before.count(event.request);
      }
      if (event.kind == Kind::kAcked && event.time_us >= done.again_us) {
        first_ack_us = std::min(first_ack_us, event.time_us);
      }
    }
  }
  FaultMoment moment;
  moment.unacked = submitted - answered;
  const bool came = first_ack_us != std::numeric_limits<int64_t>::max();
  moment.first_ack_ms = came ? static_cast<double>(first_ack_us - done.at_us) / 1000.0 : -1;
  return moment;
}

}  // namespace sessionhub::bench
