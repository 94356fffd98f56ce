// Driver: the users of a cluster. Each sends a request, waits for the answer, and sends the next;
// connections stay open. They come from addresses of the front network that differ from user to
// user.
#ifndef BENCH_COMPARE_DRIVER_H_
#define BENCH_COMPARE_DRIVER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/compare/cluster.h"
#include "bench/compare/http_connection.h"
#include "bench/compare/node_sessions.h"
#include "bench/compare/test_bed.h"
#include "bench/compare/workload.h"
#include "bench/load/histogram.h"

namespace sessionhub::bench {

// What became of requests. Not thread-safe.
struct RequestTally {
  LatencyHistogram latency;  // of all that were answered with 200
  uint64_t changes = 0;      // requests of each kind, whatever was answered
  uint64_t reads = 0;
  uint64_t errors = 0;  // answered with anything else than 200, or not at all
  std::string first_error;
  int64_t end_us = 0;  // when the last of them was answered, by MonotonicMicros

  // `what` names the request in first_error.
  void Add(const absl::StatusOr<HttpAnswer>& answer, const std::string& what, int64_t latency_us);
  void Merge(const RequestTally& other);
};

class Driver {
 public:
  // The cluster has started on this bed. Opens all connections, one after the other.
  static absl::StatusOr<std::unique_ptr<Driver>> Make(const TestBed& bed, const Cluster& cluster,
                                                      const Cell& cell);
  ~Driver();

  // Creates all sessions of the cell, each at its home. In the tally they count as changes.
  absl::StatusOr<RequestTally> CreateSessions();
  // The cell's requests, or so many in their place, all users at once. Cancelled after Ctrl-C.
  absl::StatusOr<RequestTally> Run(size_t requests, uint64_t stream);
  // The requests of this cell, which differs from the driver's in `requests` and `read_percent`
  // only. No user begins another one once this time has passed and its share of kRequestsMin is
  // sent.
  absl::StatusOr<RequestTally> RunFor(std::chrono::milliseconds time, const Cell& cell,
                                      uint64_t stream);
  // What a node says of a session: its fields. NotFound if the node does not have it.
  absl::StatusOr<SessionFields> Dump(size_t node, size_t session);

 private:
  class Connections;

  explicit Driver(const Cell& cell);
  void RunUser(size_t user, const Cell& cell, uint64_t stream, int64_t end_us, RequestTally* tally);
  void CreateSessionsOf(size_t user, RequestTally* tally);
  template <typename Work>
  absl::StatusOr<RequestTally> InThreads(const Work& work);

  const Cell cell_;
  std::unique_ptr<Connections> connections_;
  // By session; each is written by its own user only.
  std::vector<std::string> session_ids_;
};

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_DRIVER_H_
