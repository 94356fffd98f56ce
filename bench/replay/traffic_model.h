// Traffic model: takes requests one after the other, decides for each routing which node serves it,
// and lets each strategy count what it sends. Pure; one thread.
#ifndef BENCH_REPLAY_TRAFFIC_MODEL_H_
#define BENCH_REPLAY_TRAFFIC_MODEL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/replay/log_sessions.h"
#include "bench/replay/path_book.h"
#include "bench/replay/strategy.h"

namespace sessionhub::bench {

// The small numbers by which a node names its sessions. Free ones are taken first.
class Handles {
 public:
  uint32_t Take();
  void Free(uint32_t handle) { free_.push_back(handle); }

 private:
  uint32_t last_ = 0;
  std::vector<uint32_t> free_;
};

class TrafficModel {
 public:
  // `book` outlives the model.
  TrafficModel(const PathBook* book, size_t nodes, int64_t idle_gap_s);

  // Serves a request of `session`, at the time of its last use. Sticky: all of a session at the
  // node that its number tells. Round-robin: each request at the next node, whichever session it is
  // of.
  void Serve(const std::vector<FieldChange>& changes, LogSession* session);
  // Nobody has used the session for the idle gap.
  void End(const LogSession& session);

  // Served so far.
  uint64_t requests() const { return requests_; }

  struct Sums {
    const Strategy* strategy = nullptr;
    std::array<Tally, kRoutings> tallies;
  };
  // Of all strategies, in the order of the comparison.
  std::vector<Sums> sums() const;

 private:
  struct Node {
    Handles handles;
    uint64_t seq = 0;  // of its deltas
  };
  // A cluster under one routing.
  struct Side {
    std::vector<Node> nodes;
    Strategies strategies;
    std::vector<Tally> tallies;  // by strategy
  };

  struct Arrived {
    Visit visit;
    Holder* self = nullptr;
  };

  size_t NodeFor(Routing routing, const LogSession& session) const;
  Visit MakeVisit(Routing routing, const LogSession& session) const;
  Arrived Arrive(Routing routing, const std::vector<FieldChange>& changes, LogSession* session);
  void Leave(Routing routing, const Arrived& arrived, LogSession* session);

  const PathBook& book_;
  const size_t nodes_;
  const int64_t idle_gap_s_;
  std::array<Side, kRoutings> sides_;
  uint64_t requests_ = 0;
};

}  // namespace sessionhub::bench

#endif  // BENCH_REPLAY_TRAFFIC_MODEL_H_
