// LockOrder: what MergedNotLost says of locks, as a checker. Whoever runs a system under test shows
// it what reaches the hub, what is stored of each lock after each turn, and what nodes are told.
//
// It knows nothing of how locks are kept. Holding is counted in served time, waiting in hub time.
#ifndef TESTS_SUPPORT_LOCK_ORDER_H_
#define TESTS_SUPPORT_LOCK_ORDER_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "proto/session/ids.h"
#include "tests/support/guarantees.h"

namespace sessionhub::testing {

class LockOrder {
 public:
  // One request of one node, however often it is sent.
  struct Request {
    std::string node;
    uint32_t number = 0;

    bool operator==(const Request& other) const {
      return node == other.node && number == other.number;
    }
  };
  // A lock as it is stored; with an empty node it is nobody's.
  struct Stored {
    uint64_t token = 0;
    Request holder;
    uint64_t end_us = 0;
  };

  // ---- what reaches the hub in a turn, in order; then TurnEnds ----

  // A request for a new lock. It waits in this order, if it is not granted at once.
  void Asks(SessionNumber session, const Request& request, uint64_t wait_until_us);
  void GivesBack(SessionNumber session, const std::string& node, uint64_t token);
  // A stream of this node begins or ends: nobody waits on an earlier one.
  void StreamChanges(const std::string& node);
  // The hub is gone, and with it all who wait. What a turn that was not finished has left of itself
  // is in the `locks` that the next hub finds.
  void HubStarts(const std::map<SessionNumber, Stored>& locks);

  // The same, of a turn that could change no lock.
  void TurnEnds() { asked_.clear(); }
  // The turn is durable. `locks` are those of all sessions that live.
  absl::Status TurnEnds(const std::map<SessionNumber, Stored>& locks, uint64_t served_us,
                        uint64_t hub_us);

  // ---- what nodes are told ----

  // A node is told that the lock was granted when the session was at `version`.
  absl::Status Told(SessionNumber session, uint64_t token, const Request& holder, Version version);

  // ---- at any time ----

  // Nothing is stored that was written under a lock when another had it already.
  absl::Status MergedNotLost(const Ledger& ledger, const StoredSessions& stored) const;

  // Grants by the end of a lease, and to one who has waited.
  uint64_t taken_over() const { return taken_over_; }
  uint64_t waited() const { return waited_; }

 private:
  struct Waiting {
    Request request;
    uint64_t until_us = 0;
    bool ordered = true;   // false: it was asked again, and its place is not known
    bool new_here = true;  // in the turn that has not ended
  };
  absl::Status Changed(SessionNumber session, const Stored& before, const Stored& now,
                       uint64_t served_us, uint64_t hub_us);
  absl::Status Granted(SessionNumber session, const Stored& before, const Stored& now,
                       uint64_t served_us, uint64_t hub_us);
  absl::Status CheckTurn(SessionNumber session, const Request& holder, uint64_t hub_us);

  std::map<SessionNumber, Stored> locks_;
  std::map<SessionNumber, std::vector<Waiting>> waiting_;
  // Of the turn.
  std::set<std::pair<SessionNumber, uint64_t>> given_back_;
  // What was asked, or waited on a stream that has changed since: it may have been granted.
  std::set<std::pair<SessionNumber, std::pair<std::string, uint32_t>>> asked_;
  struct Grant {
    Request holder;
    Version version = 0;
  };
  std::map<SessionNumber, std::map<uint64_t, Request>> stored_;  // by token
  std::map<SessionNumber, std::map<uint64_t, Grant>> told_;      // by token
  uint64_t taken_over_ = 0;
  uint64_t waited_ = 0;
};

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_LOCK_ORDER_H_
