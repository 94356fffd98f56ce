// Step: one run of the whole workload through the hub by fresh node processes, and what was found
// out about it afterwards. Every step has an app of its own, so that steps share nothing but the
// hub.
#ifndef BENCH_DEMO_STEP_H_
#define BENCH_DEMO_STEP_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/demo/checker.h"
#include "bench/demo/hub_process.h"
#include "bench/demo/tcp_counters.h"
#include "bench/demo/traffic.h"

namespace sessionhub::bench {

// What all steps share. Outlives them.
struct Stage {
  std::string program;  // sessionhub-bench itself
  std::string folder;   // everything is written below it
  std::vector<Basket> baskets;
  size_t users = 48;
  int64_t deadline_us = INT64_MAX;              // of the whole demo, by MonotonicMicros
  double idle_s = 3;                            // how long idle traffic is measured
  std::unique_ptr<HubProcess> hub;              // running
  std::function<void(const std::string&)> say;  // a line for people, at once
};

struct StepPlan {
  std::string name;  // also the app
  Routing routing = Routing::kSticky;
  size_t nodes_used = 3;  // the first ones, by users
  size_t nodes = 3;
  bool measure_bytes = false;                  // needs connections that stay
  std::vector<std::string> node_options = {};  // further ones of each node's command line
};

// What a meter of bytes found.
struct Bytes {
  double per_change = 0;  // all headers, both directions, idle traffic subtracted
  double idle_per_second = 0;
  double seconds = 0;   // of traffic
  TcpCounters counted;  // idle traffic included
};

struct StepOutcome {
  double seconds = 0;
  CommitFindings commits;
  ForwardFindings forwards;
  std::vector<NodeForwards> nodes;
  size_t different_copies = 0;  // at nodes, after everything settled
  uint64_t resyncs = 0;         // gaps that nodes saw in the versions of a copy
  uint64_t resent = 0;
  Bytes bytes;
  std::vector<NodeLog> logs;
};

// Makes what goes wrong in a step, once its fleet is there; may be empty.
using MakeDisturbance = std::function<std::unique_ptr<Disturbance>(Fleet* fleet)>;

// Runs the step and looks at its end at: the nodes' logs, their copies, their counters, and the
// sessions as a fresh process reads them. An error is one of the run itself; what is found wrong is
// in the outcome.
absl::StatusOr<StepOutcome> RunStep(Stage* stage, const StepPlan& plan,
                                    const MakeDisturbance& make_disturbance);

// Sum over the fleet's nodes.
absl::StatusOr<TcpCounters> CountFleetBytes(Fleet* fleet);
// Waits stage.idle_s without traffic, says so, and works out what the traffic before cost.
absl::StatusOr<Bytes> MeasureBytes(const Stage& stage, Fleet* fleet, const TcpCounters& before,
                                   double seconds, uint64_t changes);

}  // namespace sessionhub::bench

#endif  // BENCH_DEMO_STEP_H_
