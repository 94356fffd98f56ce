// A load: one hub, some node processes, and commits at a rate or as fast as they are answered.
#ifndef BENCH_LOAD_LOAD_H_
#define BENCH_LOAD_LOAD_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/load/histogram.h"
#include "bench/overload/findings.h"
#include "bench/overload/worker.h"

namespace sessionhub::bench {

// The hub and the nodes of a load that runs.
struct LoadScene {
  pid_t hub = 0;
  std::string data_dir;
  std::vector<pid_t> nodes;
  WorkerSpec node;  // a further one is started by this, with a prefix of its own
};

struct LoadOptions {
  size_t nodes = 4;  // processes
  // The last so many of them hold a session of their own each and write nothing.
  size_t idle_nodes = 0;
  // Sticky: each session is written by one node. Else by all of them in turn, as behind a balancer
  // that knows of no sessions.
  bool round_robin = false;
  size_t fan_out = 1;  // nodes with interest in each session, its writer among them; sticky only
  size_t sessions = 400;
  size_t session_bytes = 4096;
  size_t session_fields = 20;
  size_t fields = 1;  // that a commit sets
  size_t value_bytes = 16;
  std::string ack = "durable";
  double per_s = 0;          // of all nodes together; 0: closed loop
  size_t in_flight_max = 1;  // of each node
  double warm_up_s = 2;
  double seconds = 10;
  std::string json_path = {};
  std::string command = {};
  std::string commit = {};
  std::string hub_program = {};
  std::vector<std::string> hub_options = {};
  std::string tls_ca = {};     // roots of a hub that hub_options let use TLS; empty: plaintext
  bool random_values = false;  // of what is filled: nothing that compression makes smaller
  // Called, on the caller's thread, before the commits and after them.
  std::function<absl::Status(const LoadScene&)> on_filled = {};
  std::function<absl::Status(const LoadScene&)> on_done = {};
};

// Of the commits after the warm-up, unless it says otherwise.
struct LoadFigures {
  uint64_t commits = 0;
  double commits_per_s = 0;
  LatencyHistogram latency;
  // Of all commits and all the time of the run, by commit.
  double hub_cpu_us = 0;
  double nodes_cpu_us = 0;
  double disk_bytes = 0;  // that the hub had written, as the kernel counts
  // What the same time without commits takes is subtracted. 0 without a network of its own.
  double wire_bytes = 0;
  double wire_packets = 0;
  double idle_wire_bytes_per_s = 0;
};

// Sessions that node `node` of `nodes` writes, and those that it only holds. Pure.
struct Shares {
  std::vector<std::string> written;
  std::vector<std::string> read;
};
Shares SharesOf(const LoadOptions& options, size_t node);

// Violations go to `findings`: a commit that was not applied, a copy that did not come up to its
// session, an error in the hub's log. Errors: of the run itself.
absl::StatusOr<LoadFigures> MeasureLoad(const LoadOptions& options, const std::string& folder,
                                        Findings* findings);

// Says them, and notes them as figures of the measure.
void TellLoad(const LoadOptions& options, const LoadFigures& figures, Findings* findings);

// The same, told and written to options.json_path. False if a promise was broken.
absl::StatusOr<bool> RunLoad(const LoadOptions& options);

}  // namespace sessionhub::bench

#endif  // BENCH_LOAD_LOAD_H_
