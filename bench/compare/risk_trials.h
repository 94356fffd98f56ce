// The trials of what is risked with a strategy. Each creates sessions of its own on a cluster in
// service, and leaves all nodes in service.
//
// Requests come to node kChanging, and other nodes are asked what they have. Belongs to the
// orchestrator's one thread. Cancelled after Ctrl-C; other errors say that a trial could not be
// made, such as a session that could not be created.
#ifndef BENCH_COMPARE_RISK_TRIALS_H_
#define BENCH_COMPARE_RISK_TRIALS_H_

#include <chrono>
#include <cstddef>
#include <optional>

#include "absl/status/statusor.h"
#include "bench/compare/risk_figures.h"
#include "bench/compare/risk_site.h"
#include "bench/compare/test_bed.h"

namespace sessionhub::bench {

// How much is tried.
struct RiskPlan {
  // Sessions in `reconnect` and `concurrent`; kills in `killed`, or, where a node takes long to
  // start again, sessions.
  size_t trials = 100;
  size_t sessions_per_kill = 10;
  size_t changes_before_kill = 20;  // of each session, at least
  std::chrono::milliseconds cut{3'000};
  std::chrono::milliseconds heal_max{10'000};
  size_t burst_nodes = 4;
  size_t burst_sessions = 100;
  size_t burst_changes = 20;  // of each session
  size_t restart_sessions = 50;
  bool quick = false;
};

RiskPlan UsualRisks(size_t trials);
RiskPlan QuickRisks(size_t trials);  // about a quarter of the time

absl::StatusOr<KilledFigures> TryKills(const RiskPlan& plan, RiskSite* site);
absl::StatusOr<ReconnectFigures> TryReconnect(const RiskPlan& plan, TestBed* bed, RiskSite* site);
absl::StatusOr<ConcurrentFigures> TryConcurrentChanges(const RiskPlan& plan, RiskSite* site);
absl::StatusOr<BurstFigures> TryBurst(const RiskPlan& plan, RiskSite* site);
// A crash of all nodes, after which they start one after the other.
absl::StatusOr<RestartFigures> TryNodesRestart(const RiskPlan& plan, RiskSite* site);
// Of the server, in good order, and then of all nodes, by a crash. Nothing if there is no server.
absl::StatusOr<std::optional<RestartFigures>> TryServerRestart(const RiskPlan& plan,
                                                               RiskSite* site);

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_RISK_TRIALS_H_
