// Fault: one thing that goes wrong on purpose in a campaign: as it is planned, as it came about,
// and what the nodes' logs say of that moment.
#ifndef BENCH_CRASH_FAULT_H_
#define BENCH_CRASH_FAULT_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "bench/demo/checker.h"

namespace sessionhub::bench {

struct Fault {
  enum class Kind {
    kKillHub,
    kKillNode,
    kStopHub,   // SIGSTOP, later SIGCONT
    kStopNode,  // the same
  };

  Kind kind = Kind::kKillHub;
  std::string phase;             // of kKillHub: what the hub is in the middle of
  std::string fail_point;        // of kKillHub, NAME:PASSES; empty: SIGKILL from outside
  bool needs_catch_ups = false;  // to come to its fail point
  bool needs_large_ones = false;
  int64_t stop_us = 0;             // of kStopHub and kStopNode
  bool until_unavailable = false;  // of kStopHub: goes on only when nodes have noticed
  uint64_t requests = 0;           // that are to finish between the fault before and this one
};

// The phases of a kill of the hub. kAnyPhase is whatever it is in when SIGKILL comes.
inline constexpr const char* kPhases[] = {"before_sync", "in_sync",  "after_sync",
                                          "release",     "catch_up", "any"};
inline constexpr const char* kAnyPhase = "any";

// How many faults of each sort there are, or are to be.
struct FaultCounts {
  std::map<std::string, size_t> hub_kills;  // by phase
  size_t node_kills = 0;
  size_t hub_stops = 0;
  size_t node_stops = 0;

  size_t at_the_hub() const;
  size_t at_nodes() const { return node_kills + node_stops; }
  size_t all() const { return at_the_hub() + at_nodes(); }
};

// Shares `hub_kills` out among the phases; what does not go even is of any phase.
FaultCounts ShareOut(size_t hub_kills, size_t node_kills, size_t stops);

// At most `faults_max` faults out of `wanted`, in random order, each at a random distance from the
// one before. Every second stop is a long one: of a node, it outlasts the hub's lease.
std::vector<Fault> PlanFaults(const FaultCounts& wanted, size_t faults_max, int64_t lease_us,
                              std::mt19937_64* random);

// The fail point of the first kill of the hub in `plan` from place `next` on; empty if that needs
// none, or there is no such kill.
std::string NextFailPoint(const std::vector<Fault>& plan, size_t next);

struct FaultDone {
  Fault fault;
  int64_t at_us = 0;  // of the signal, by MonotonicMicros
  // When the hub was ready again, its node was started again, or its process went on. What the dead
  // hub had sent may be read a while after its death, but not as late as this.
  int64_t again_us = 0;
  size_t unanswered = 0;  // of kKillNode: by the dead process itself
};

struct FaultMoment {
  // Commits of all nodes that were submitted before the fault and not answered by the process that
  // was killed. An ack that was on its way counts as an answer.
  size_t unacked = 0;
  double first_ack_ms = 0;  // from the fault to the first ack after `again_us`; -1: none came
};

FaultMoment LookAt(const FaultDone& done, const std::vector<NodeLog>& logs);

}  // namespace sessionhub::bench

#endif  // BENCH_CRASH_FAULT_H_
