// NodeRegistry: which nodes there are, by which stream each is reached, and when its lease ends.
// One for the hub. Everything that a shard must know of a node is posted to all shards under this
// registry's lock, so that all shards see attaches, detaches and ends of leases in one order.
//
// Thread-safety: any thread may call anything. Lock order: registry, then mailbox or outbox.
#ifndef HUB_FORWARD_NODE_REGISTRY_H_
#define HUB_FORWARD_NODE_REGISTRY_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "hub/forward/outbox.h"
#include "hub/shard/input.h"
#include "interest/leases.h"
#include "proto/session/ids.h"
#include "sessionhub/v1/frames.pb.h"

namespace sessionhub::hub {

struct NodeRegistryOptions {
  uint64_t lease_us = 30'000'000;
  size_t outbox_bytes_max = 8 << 20;
  size_t chunk_bytes_max = 256 << 10;  // of an outbox's lower lane
  // Attached nodes and nodes in their lease. One more is refused.
  size_t nodes_max = 10'000;        // at first; see SetNodesMax
  WalkTimes* walk_times = nullptr;  // as OutboxOptions::walk_times
};

// Who attaches.
struct NodeIdentity {
  std::string app_name;
  AppNumber app = 0;
  std::string name;
  Incarnation incarnation{};
  std::string peer;        // address, for listings
  uint64_t features = 0;   // agreed on this stream
  bool new_lease = false;  // Hello.new_lease
};

// Ends a stream with a last frame. Called without the registry's lock; must not block.
using StreamEnder = std::function<void(v1::Goodbye::Why why, const std::string& message)>;

struct Attachment {
  Origin origin;
  bool lease_held = false;
  std::shared_ptr<Outbox> outbox;
};

struct NodeListing {
  std::string app_name;
  std::string name;
  Incarnation incarnation{};
  bool attached = false;
  Origin origin;
  uint64_t forwards = 0;
  size_t outbox_bytes = 0;
  uint64_t attached_at_us = 0;
  std::string peer;
};

// How full the outboxes of the attached nodes are.
struct OutboxFill {
  size_t nodes = 0;
  size_t nodes_in_lease = 0;
  size_t bytes = 0;            // of all first lanes
  size_t bytes_largest = 0;    // of one
  size_t chunk_bytes = 0;      // of all lower lanes
  size_t nodes_max = 0;        // the bound, as it is set now
  uint64_t nodes_refused = 0;  // past nodes_max, since the start
};

class NodeRegistry {
 public:
  // `post_to_all` puts an input into the mailbox of every shard; must not fail or block.
  NodeRegistry(const NodeRegistryOptions& options, std::function<void(const Input&)> post_to_all);

  // Makes this stream the node's one stream. The newest attach of an incarnation wins, and so does
  // the newest incarnation with an app and node name: the older stream is ended with REPLACED.
  // The lease is held if the node can know all of it: it was confirmed, for the same app and node
  // name, and the node asks for no other. Otherwise everything of the node begins anew. Errors:
  // Aborted if this incarnation was replaced before; ResourceExhausted past nodes_max.
  absl::StatusOr<Attachment> Attach(const NodeIdentity& identity, StreamEnder end_stream,
                                    uint64_t now_us) ABSL_LOCKS_EXCLUDED(mutex_);

  // The node has sent a frame after `attached` has reached it. Until then it may still hold handles
  // of an earlier lease, or of an earlier life of this hub.
  void Confirm(const Origin& origin) ABSL_LOCKS_EXCLUDED(mutex_);

  // The stream has ended. Its lease begins, unless a newer attach has taken its place.
  void Detach(const Origin& origin, uint64_t now_us) ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends the leases that are over.
  void Tick(uint64_t now_us) ABSL_LOCKS_EXCLUDED(mutex_);

  // The outbox of exactly this attach; nullptr if it is no more.
  std::shared_ptr<Outbox> FindOutbox(const Origin& origin) const ABSL_LOCKS_EXCLUDED(mutex_);

  // Another bound from here on. Nodes that are past it stay.
  void SetNodesMax(size_t nodes_max) ABSL_LOCKS_EXCLUDED(mutex_);

  // True if this incarnation is attached or in its lease.
  bool Knows(const Incarnation& incarnation) const ABSL_LOCKS_EXCLUDED(mutex_);

  void CountForwards(const Origin& origin, uint64_t forwards) ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends the stream of exactly this attach, if it still stands.
  void EndStream(const Origin& origin, v1::Goodbye::Why why, const std::string& message)
      ABSL_LOCKS_EXCLUDED(mutex_);

  std::vector<NodeListing> List() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Outboxes are looked at one by one, without the registry's lock.
  OutboxFill fill() const ABSL_LOCKS_EXCLUDED(mutex_);
  // That wait in the lower lanes of all outboxes.
  size_t chunk_bytes() const ABSL_LOCKS_EXCLUDED(mutex_);
  size_t attached_count() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Node {
    NodeIdentity identity;
    uint32_t attach = 0;
    bool confirmed = false;
    std::shared_ptr<Outbox> outbox;  // nullptr: in its lease
    StreamEnder end_stream;
    uint64_t forwards = 0;
    uint64_t attached_at_us = 0;
  };
  using NameKeyOfNode = std::pair<std::string, std::string>;  // app, node name

  NodeNumber FindOrAdd(const NodeIdentity& identity) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Takes a node out of the hub, as if its lease had ended. Returns how to end its stream, if it
  // has one.
  StreamEnder Remove(NodeNumber number) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  StreamEnder ReplaceNamesake(const NodeIdentity& identity) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Takes the node out if its lease cannot go on with this attach.
  StreamEnder EndOtherLease(const NodeIdentity& identity) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const NodeRegistryOptions options_;
  const std::function<void(const Input&)> post_to_all_;

  mutable absl::Mutex mutex_;
  absl::flat_hash_map<NodeNumber, Node> nodes_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<Incarnation, NodeNumber> by_incarnation_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<NameKeyOfNode, NodeNumber> by_name_ ABSL_GUARDED_BY(mutex_);
  // Incarnations that must stay away, oldest first; bounded.
  std::deque<Incarnation> replaced_ ABSL_GUARDED_BY(mutex_);
  interest::Leases leases_ ABSL_GUARDED_BY(mutex_);
  uint64_t nodes_refused_ ABSL_GUARDED_BY(mutex_) = 0;
  NodeNumber last_number_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t nodes_max_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sessionhub::hub

#endif  // HUB_FORWARD_NODE_REGISTRY_H_
