// What is risked with a strategy: how much of what users were told is stored they miss after a
// fault, and how it is told.
//
// Pure.
#ifndef BENCH_COMPARE_RISK_FIGURES_H_
#define BENCH_COMPARE_RISK_FIGURES_H_

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bench/compare/risk_judge.h"

namespace sessionhub::bench {

// A node is killed while its sessions are changed, and the users ask another one.
struct KilledFigures {
  std::vector<size_t> lost_by_kill;  // sessions, in the end
  CopyTally first;                   // of each session, what the first answer said
  CopyTally last;                    // and the last one, some time later
  size_t unshared = 0;          // sessions that the other node did not have as they were created
  int64_t catch_up_p50_us = 0;  // of those that became fresh after the first answer
};

// A node is cut from the others and from the server, loses its connections to them, and comes back,
// while sessions are changed at another one.
struct ReconnectFigures {
  CopyTally last;  // of sessions of which a change was acknowledged during the cut
  double cut_s = 0;
  double wait_max_s = 0;          // for a copy to become fresh afterwards
  size_t connections_broken = 0;  // of the node that was cut
  size_t changes = 0;             // that were acknowledged
  size_t refused = 0;             // changes that were answered with an error
  int64_t slowest_us = 0;         // answer to a change
  int64_t catch_up_p50_us = 0;    // from the end of the cut, of copies that became fresh
};

// Two nodes change different fields of a session at the same moment.
struct ConcurrentFigures {
  size_t trials = 0;
  size_t lost = 0;     // at one node or both an acknowledged change is missing in the end
  size_t refused = 0;  // one change or both were not acknowledged
};

// Sessions are changed, and others created, as fast as one node answers; then there is silence.
struct BurstFigures {
  size_t nodes = 0;
  CopyTally changed;  // copies of those that were there before
  CopyTally created;  // copies of those that were created with all fields in the first request
  double requests_per_s = 0;
};

struct RestartFigures {
  size_t sessions = 0;
  size_t left = 0;  // with all that was acknowledged
};

// A trial without figures.
struct FailedTrial {
  std::string trial;
  std::string why;
  bool could_be_tried = true;  // on this bed, so that something is wrong
};

struct RiskFigures {
  std::string strategy;
  size_t nodes = 0;
  bool round_robin = false;
  double seconds = 0;
  // Nothing where the trial has failed, or cannot be tried on this bed.
  std::optional<KilledFigures> killed;
  std::optional<ReconnectFigures> reconnect;
  std::optional<ConcurrentFigures> concurrent;
  std::optional<BurstFigures> burst;
  std::optional<RestartFigures> nodes_restart;
  std::optional<RestartFigures> server_restart;  // and nodes'; nothing without a server, too
  std::string power_cut;
  std::vector<FailedTrial> failed;
  std::string command;  // measures them again
};

// One of the trials has failed that could be tried.
bool AnyFailed(const RiskFigures& figures);

nlohmann::ordered_json RisksJson(const RiskFigures& figures);

// For people, in a line.
std::string Describe(const KilledFigures& killed);
std::string Describe(const ReconnectFigures& reconnect);
std::string Describe(const ConcurrentFigures& concurrent);
std::string Describe(const BurstFigures& burst);
std::string Describe(const RestartFigures& restart);

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_RISK_FIGURES_H_
