// Campaign: `sessionhub-bench kills`. Real hubs and nodes are killed and stopped again and again in
// mid-traffic, the hub in each phase of its work, by fail points; the checker judges what the nodes
// wrote down against what is stored.
//
// It runs in rounds, each with nodes and an app of its own and judged by itself, on one data
// folder.
#ifndef BENCH_CRASH_CAMPAIGN_H_
#define BENCH_CRASH_CAMPAIGN_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace sessionhub::bench {

struct CampaignOptions {
  size_t hub_kills = 24;  // shared out evenly among the phases
  size_t node_kills = 12;
  size_t stops = 2;          // of the hub, and as many of a node
  size_t unacked_min = 100;  // commits in flight; a kill with fewer does not count
  size_t faults_per_round = 24;
  size_t users = 360;
  uint64_t seed = 1;
  double time_max_s = 3600;
  std::string hub_program;  // empty: sessionhubd beside this program. Needs fail points.
  std::string json_path;    // empty: no figures are written
};

// Runs it and prints what happened. True if every promise was kept and every fault wanted came
// about. The temporary folder is removed then, and kept and named otherwise. An error is one of the
// run itself; InvalidArgument for fewer users than 3 * unacked_min.
absl::StatusOr<bool> RunCampaign(const CampaignOptions& options);

}  // namespace sessionhub::bench

#endif  // BENCH_CRASH_CAMPAIGN_H_
