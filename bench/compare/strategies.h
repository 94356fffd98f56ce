// The ways to share sessions that are compared: the one list of them.
#ifndef BENCH_COMPARE_STRATEGIES_H_
#define BENCH_COMPARE_STRATEGIES_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/compare/cluster.h"
#include "bench/compare/server.h"
#include "bench/compare/test_bed.h"

namespace sessionhub::bench {

// Puts the strategy in service on hosts of the bed, which outlives the cluster.
using ClusterMaker =
    std::function<std::unique_ptr<Cluster>(TestBed* bed, const ClusterOptions& options)>;

// What a power cut of all hosts leaves of acknowledged changes, by how a strategy stores them.
enum class PowerCutLeaves { kNone, kSome, kAll };

// Of those that leave all.
inline constexpr char kSyncedBeforeAnswer[] =
    "all of them: each is synced to the disk before it is answered";

inline constexpr size_t kComparedNodesMax = 64;

struct ComparedStrategy {
  std::string name;   // short, for files and command lines
  std::string title;  // for tables
  std::string how;    // how it was run for these figures: servers, clients, settings
  PowerCutLeaves power_cut_leaves = PowerCutLeaves::kNone;
  std::string power_cut;  // the same for a reader, and why
  ClusterMaker make;
  size_t nodes_max = kComparedNodesMax;  // no more are tried
  double idle_pause_s = 0;               // that an idle cluster may make between what it sends
  // Before anything is counted: virtual machines compile what runs often.
  size_t requests_before = 0;
  bool sticky = true;       // can be had with all requests of a session at one node ...
  bool round_robin = true;  // ... and with those at all nodes in turn
};

using ComparedStrategies = std::vector<ComparedStrategy>;

// All, in the order of the report's tables.
const ComparedStrategies& AllStrategies();
// nullptr if there is none of this name.
const ComparedStrategy* FindStrategy(std::string_view name);

// A cluster of our own web nodes (web_node.h), which share sessions by this strategy, and with a
// server unless `server` is nullptr.
ClusterMaker OwnNodes(const std::string& strategy, ServerMaker server);

// The parts of AllStrategies.
void AddNodeStrategies(ComparedStrategies* strategies);   // sticky only, broadcasts
void AddJavaStrategies(ComparedStrategies* strategies);   // Tomcat, Terracotta
void AddStoreStrategies(ComparedStrategies* strategies);  // memcached, Redis, PostgreSQL
void AddHubStrategies(ComparedStrategies* strategies);    // sessionhub

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_STRATEGIES_H_
