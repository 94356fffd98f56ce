// Leases: how long a node's interest outlives its stream. Pure; time is an argument. One for the
// whole hub, so that all shards see a lease end in the same order as the next attach.
#ifndef INTEREST_LEASES_H_
#define INTEREST_LEASES_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "interest/interest.h"

namespace sessionhub::interest {

class Leases {
 public:
  // Times are microseconds of a clock that never goes back.
  explicit Leases(uint64_t duration_us) : duration_us_(duration_us) {}

  // The node's stream is gone; its lease runs from `now`. Again while it runs: no effect.
  void Start(NodeNumber node, uint64_t now_us);

  // The node is back. True if its lease was still running, which ends it; false if there was none.
  bool Cancel(NodeNumber node);

  // Nodes whose lease has ended by `now`, each told once.
  std::vector<NodeNumber> TakeEnded(uint64_t now_us);

  bool Running(NodeNumber node) const { return ends_us_.contains(node); }
  size_t size() const { return ends_us_.size(); }

 private:
  uint64_t duration_us_;
  absl::flat_hash_map<NodeNumber, uint64_t> ends_us_;
};

}  // namespace sessionhub::interest

#endif  // INTEREST_LEASES_H_
