// Deliveries: the applied deltas whose committers wait until every other interested node has
// applied them too. Pure. Belongs to one shard and is used by its thread only.
//
// A delta waits for the nodes that had interest when it was applied. A node says by a receipt that
// its copy has come so far; one whose lease ends, or that closes, before that is missing.
#ifndef HUB_SHARD_DELIVERY_H_
#define HUB_SHARD_DELIVERY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "hub/shard/input.h"
#include "interest/interest.h"
#include "proto/session/ids.h"

namespace sessionhub::hub {

struct Delivery {
  Origin committer;
  uint64_t seq = 0;
  Version version = 0;  // of the delta
  bool ends = false;    // it ended the session: a node that closes has done with it
  uint64_t begun_us = 0;
  std::vector<NodeNumber> waiting;  // each once
  std::vector<std::string> missing;
};

class Deliveries {
 public:
  // What became of a delta: everybody has applied it but `missing`; or nobody can tell.
  struct Done {
    Origin committer;
    uint64_t seq = 0;
    std::vector<std::string> missing;
    bool unknown = false;
  };

  // At most `waits_max` pairs of a delta and a node that it waits for.
  explicit Deliveries(size_t waits_max) : waits_max_(waits_max) {}

  bool HasRoom(size_t waits) const { return waits_ + waits <= waits_max_; }
  // There must be room. One that waits for nobody is done at once.
  void Add(SessionNumber session, Delivery delivery);

  // True if something waits for this node's word on this session.
  bool Waits(SessionNumber session, NodeNumber node) const;

  // The node's copy of the session is at `version`.
  void Applied(SessionNumber session, NodeNumber node, Version version);
  // The node does not serve its copy any more, so that it shows nothing older than anything.
  void Told(SessionNumber session, NodeNumber node);
  // The node has closed its handle.
  void Closed(SessionNumber session, NodeNumber node, const std::string& name);
  // The node's lease has ended: it is missing everywhere.
  void LeaseEnded(NodeNumber node, const std::string& name);

  // The stream is gone by which this committer waited.
  void Forget(NodeNumber committer);
  // Those begun before this end as unknown.
  void GiveUp(uint64_t begun_before_us);

  std::vector<Done> TakeDone() { return std::exchange(done_, {}); }
  size_t waits() const { return waits_; }

 private:
  using Sessions = absl::flat_hash_map<SessionNumber, std::vector<Delivery>>;

  // Takes the node out of the deliveries of a session that `ends(delivery)` accepts; `missing` is
  // its name if it is missing there.
  template <typename Fits, typename Missing>
  void Strike(Sessions::iterator session, NodeNumber node, Fits fits, Missing missing);
  // Ends the deliveries that `ends` accepts, without a word or as unknown.
  template <typename Ends>
  void Drop(Ends ends, bool tell);

  size_t waits_max_;
  size_t waits_ = 0;
  Sessions sessions_;  // none of the vectors is empty, no delivery waits for nobody
  std::vector<Done> done_;
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_DELIVERY_H_
