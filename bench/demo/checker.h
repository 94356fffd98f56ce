// Checker: decides from the outside whether the hub kept its promises. It reads the nodes' logs of
// submitted and acked commits and the final sessions as a fresh process read them from the hub, and
// links nothing of the session model, the interest index, the client or the hub.
//
// It knows only what a request of the demo does: one more of `cart/items/<code>/qty`, of
// `cart/count` and of `visit/requests`, and `cart/last` set to the code, as one change.
#ifndef BENCH_DEMO_CHECKER_H_
#define BENCH_DEMO_CHECKER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/demo/commit_log.h"

namespace sessionhub::bench {

// One session as it was read: numbers by item code, and the totals.
struct CartState {
  uint64_t version = 0;
  std::map<std::string, int64_t> quantity;  // by code
  int64_t count = 0;                        // cart/count
  int64_t requests = 0;                     // visit/requests
  std::string last;                         // cart/last
  size_t other_fields = 0;                  // anything a request of the demo does not write

  friend bool operator==(const CartState&, const CartState&) = default;
};

using Carts = std::map<std::string, CartState>;  // by session id

// Reads lines {"id": …, "version": …, "fields": {path: value}}. Nothing if the file cannot be read
// or a line is not of that form.
std::optional<Carts> ReadCarts(const std::string& path);

// All events that one node wrote in a step, over all processes that had its name.
struct NodeLog {
  std::string node;
  std::vector<CommitEvent> events;
};

struct CommitFindings {
  uint64_t submitted = 0;
  uint64_t acked = 0;
  uint64_t refused = 0;
  uint64_t unknown = 0;
  uint64_t not_sent = 0;
  uint64_t unanswered = 0;  // submitted by a process that was killed before the answer

  uint64_t lost = 0;           // acked, and not in the session, or not seen where it had to be seen
  uint64_t applied_twice = 0;  // in the session more often than it was submitted
  uint64_t inconsistent = 0;   // sessions whose totals, items, version or order of acks disagree
  std::vector<std::string> details;  // the first 20, in plain words

  bool clean() const { return lost == 0 && applied_twice == 0 && inconsistent == 0; }
};

// Acked <= counted <= submitted for every item of every session, totals that agree with the items,
// a version that is 1 + the number of changes, and for every acked change a version above those of
// the changes of its session that were acked before it was submitted, and of its own.
CommitFindings CheckCommits(const std::vector<NodeLog>& logs, const Carts& carts);

// What reached one node, as the hub counted it and as the node itself did.
struct NodeForwards {
  std::string node;
  uint64_t counted_by_hub = 0;
  uint64_t counted_by_node = 0;
};

struct ForwardFindings {
  uint64_t forwarded = 0;  // as the hub counted it
  uint64_t stray = 0;  // more than the changes that others made in sessions this node had opened
  std::vector<std::string> details;
};

ForwardFindings CheckForwards(const std::vector<NodeLog>& logs,
                              const std::vector<NodeForwards>& forwards);

// How many of a node's copies differ from the hub's sessions.
size_t CountDifferentCopies(const Carts& copies, const Carts& hub);

}  // namespace sessionhub::bench

#endif  // BENCH_DEMO_CHECKER_H_
