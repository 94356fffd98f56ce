// Traffic: users who shop. Each user works through baskets, one request after the other, and sends
// the next only when the last was answered; many users at once keep commits in flight at every
// node.
//
// Belongs to the orchestrator's one thread.
#ifndef BENCH_DEMO_TRAFFIC_H_
#define BENCH_DEMO_TRAFFIC_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "bench/demo/commit_log.h"
#include "bench/demo/fleet.h"
#include "bench/demo/workload.h"

namespace sessionhub::bench {

enum class Routing {
  kSticky,      // all requests of a basket go to one node
  kRoundRobin,  // each request of a basket goes to the next node
};

class Traffic;

// What goes wrong on purpose while traffic runs.
class Disturbance {
 public:
  virtual ~Disturbance() = default;
  // Between two turns of the traffic.
  virtual absl::Status OnTurn(Traffic* traffic) = 0;
  virtual void OnEvent(const CommitEvent& event) = 0;
  // True once it has done all that it wants to: the traffic ends with the answers to what was sent.
  virtual bool done() const { return false; }
};

class Traffic {
 public:
  struct Options {
    std::string label;  // opens each line of progress
    Routing routing = Routing::kSticky;
    size_t nodes_used = 3;  // the first ones of the fleet
    size_t users = 48;
    int64_t deadline_us = INT64_MAX;  // by MonotonicMicros
  };

  // `baskets` and `fleet` outlive the traffic.
  Traffic(const std::vector<Basket>& baskets, Options options, Fleet* fleet);

  // Ends when every request was answered, or given up because its node was killed or stopped, or
  // when the disturbance is done. DeadlineExceeded if nothing happens for 60 seconds, or at the
  // deadline. `disturbance` may be null.
  absl::Status Run(Disturbance* disturbance);

  // The process behind `node` was killed; `log` is all that it wrote. Its users go on elsewhere and
  // must see there what was acked to them. A request that it never submitted is sent again; one
  // that it submitted without an answer may or may not be applied, and is not sent again.
  void NodeKilled(size_t node, const std::vector<CommitEvent>& log);

  // The hub was killed. The next request of each user must see what was acked to him before.
  void HubKilled();

  // The process behind `node` was stopped. Its users go on elsewhere at once; what they have sent
  // to it may be submitted whenever it goes on, and is not sent again.
  void NodeStopped(size_t node);
  // It goes on, and gets requests again.
  void NodeContinued(size_t node) { away_[node] = false; }

  // Lets the fleet's last node, which users do not use, drop its copies of sessions that they are
  // busy with, and open them anew: of `count` sessions, if there are so many whose item codes have
  // at least `bytes_min` bytes.
  absl::Status Reopen(size_t count, size_t bytes_min);

  size_t CountOutstanding(size_t node) const;
  uint64_t finished() const { return finished_; }
  uint64_t total() const { return total_; }
  size_t nodes_used() const { return options_.nodes_used; }

 private:
  struct User {
    size_t basket = 0;
    size_t item = 0;
    size_t node = 0;        // that got the last request, or the next one
    bool created = false;   // somebody acked a change of this basket
    uint64_t seen = 0;      // newest version that was acked
    uint64_t at_least = 0;  // after a move, until the next ack
    uint64_t request = 0;   // on its way; 0: none
  };

  bool WindsDown() const { return disturbance_ != nullptr && disturbance_->done(); }
  void TakeNextBasket(size_t user);
  absl::Status SendReady();
  absl::Status SendRequest(size_t user);
  void OnEvent(const CommitEvent& event);
  // The request on its way is over; the user turns to the next item.
  void Finish(size_t user, const CommitEvent* ack);
  void MoveAway(size_t user, size_t node);
  // If its node is away, the user turns to the next one that is not.
  void AvoidStopped(User* user) const;
  absl::Status CheckProgress(bool any);

  const std::vector<Basket>& baskets_;
  const Options options_;
  Fleet* const fleet_;
  const uint64_t total_;
  std::vector<User> users_;
  std::vector<bool> away_;                            // nodes that are stopped
  size_t next_reopened_ = 0;                          // user
  std::vector<size_t> ready_;                         // users with nothing on its way
  std::unordered_map<uint64_t, size_t> outstanding_;  // request to user
  size_t next_basket_ = 0;
  uint64_t last_request_ = 0;
  uint64_t finished_ = 0;
  int64_t last_event_us_ = 0;
  int64_t last_progress_us_ = 0;
  Disturbance* disturbance_ = nullptr;
};

// The id of the session of a basket.
std::string SessionId(size_t basket);

}  // namespace sessionhub::bench

#endif  // BENCH_DEMO_TRAFFIC_H_
