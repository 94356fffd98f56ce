// Measures one cell of the comparison on a cluster in service: what its requests send on the back
// network, how long they take, and what they cost the nodes and the server.
//
// Belongs to the orchestrator's one thread.
#ifndef BENCH_COMPARE_MEASURE_H_
#define BENCH_COMPARE_MEASURE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/compare/cluster.h"
#include "bench/compare/driver.h"
#include "bench/compare/test_bed.h"
#include "bench/compare/workload.h"

namespace sessionhub::bench {

// What hosts send when nobody sends requests.
struct IdleRate {
  double bytes_per_s = 0;
  double frames_per_s = 0;  // 0 where frames are not counted
};

// "Per change" is for each request that changes its session, and holds what the requests that only
// read beside it have sent. Where there are none that change, it is for each request.
struct CellFigures {
  std::string what;  // "create", "change" or "read"
  Cell cell;
  size_t requests = 0;
  double seconds = 0;                       // until the last answer
  double bytes_per_change = 0;              // without what would have been sent idle
  double idle_bytes_per_change = 0;         // that were taken off
  std::optional<double> frames_per_change;  // nothing where frames are not counted
  int64_t latency_p50_us = 0;               // of requests of both kinds
  int64_t latency_p99_us = 0;
  double cpu_nodes_us = 0;  // of all nodes, per change
  double cpu_server_us = 0;
  uint64_t node_memory_bytes = 0;  // of one node, on average
  uint64_t server_memory_bytes = 0;
  uint64_t errors = 0;
  std::string first_error;
};

// Whether so few of its requests have failed, one in a hundred at most, that the figures can stand
// beside others'.
bool IsSound(const CellFigures& figures);

class CellMeasure {
 public:
  // Bed and cluster outlive it; the cluster has so many nodes, and so have the cells.
  CellMeasure(const TestBed* bed, const Cluster* cluster, size_t nodes)
      : bed_(*bed), cluster_(*cluster), nodes_(nodes) {}

  // Creates the cell's sessions, sends so many requests, and measures the cluster idle; later
  // figures are without this rate. Internal if more than one in a hundred of these requests fails.
  absl::StatusOr<IdleRate> MeasureIdle(const Cell& cell, double seconds, size_t requests_before);

  // Creates sessions and warms up, unless the last cell of this routing has left the same sessions;
  // where all requests read, warms up in any case, so that none of them fetches what another cell
  // has changed. Waits until the network is quiet, and runs the cell's requests. The figures of the
  // creation, if there was one, and then, unless any of it failed, those of the requests. Internal
  // if more than one in a hundred of the requests fails that warm up.
  absl::StatusOr<std::vector<CellFigures>> Run(const Cell& cell);

 private:
  struct Reading;
  struct Users {
    Cell cell;
    std::unique_ptr<Driver> driver;
  };

  absl::StatusOr<Reading> Read() const;
  absl::StatusOr<Reading> ReadQuiet() const;
  absl::StatusOr<CellFigures> CreateSessions(const Cell& cell, Driver* driver) const;
  CellFigures Figures(const Cell& cell, const RequestTally& tally, const Reading& before,
                      const Reading& after, const std::string& what) const;

  const TestBed& bed_;
  const Cluster& cluster_;
  const size_t nodes_;
  IdleRate idle_;
  std::map<bool, Users> users_;  // by whether it is round-robin: of its last cell
};

// How many requests bring every session to each node that will serve it.
size_t WarmUpRequests(const Cell& cell);

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_MEASURE_H_
