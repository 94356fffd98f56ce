// InterestIndex: which nodes hear of a session, and of which sessions a node hears. Pure: no
// thread, no clock, no I/O. Belongs to one shard and is used by its thread only.
//
// Inverted (session -> pairs), with the reverse (node -> sessions, by handle) for clean-up. The
// usual session has one node: its pair lives inside the map's entry, without an allocation of its
// own.
#ifndef INTEREST_INTEREST_INDEX_H_
#define INTEREST_INTEREST_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "interest/interest.h"
#include "proto/session/ids.h"

namespace sessionhub::interest {

class InterestIndex {
 public:
  // Handles of this index are first_handle, first_handle + stride, ...: the indexes of the shards
  // of one hub share the handle space of a node without talking to each other. A handle h belongs
  // to the shard (h - 1) % stride.
  explicit InterestIndex(Handle first_handle = 1, Handle stride = 1)
      : first_handle_(first_handle), stride_(stride) {}

  // Registers interest of a node that holds version `held`, or finds the pair that is there already
  // (its handle stays, the rest is set anew). Either way the pair is now behind. The pointer is
  // good until the next call that is not const.
  Pair* Add(SessionNumber session, NodeNumber node, uint32_t attach, Version held = 0);

  // The node closes a handle: its interest ends, if the session still lives, and the handle is free
  // again. False if the node does not hold this handle. Only this frees a handle that a node was
  // given: the node may have named it in frames that are still on their way.
  bool Close(NodeNumber node, Handle handle);

  // Ends all interest of a node and forgets its handles: its lease has ended. Returns how many
  // pairs there were.
  size_t RemoveNode(NodeNumber node);

  // Ends all interest in a session: its life has ended. Its handles stay taken until they are
  // closed. Returns the pairs that there were.
  std::vector<Pair> RemoveSession(SessionNumber session);

  // Ends one node's interest in a session that lives. Its handle stays taken until it is closed, as
  // a session's end leaves it; so there may be no such pair any more.
  void RemovePair(SessionNumber session, NodeNumber node, Handle handle);

  // Everyone who hears of a session, in no particular order; empty if nobody does. Good until the
  // next call that is not const. The mutable form is for the states of the pairs only.
  absl::Span<const Pair> PairsOf(SessionNumber session) const;
  absl::Span<Pair> MutablePairsOf(SessionNumber session);

  const Pair* Find(SessionNumber session, NodeNumber node) const;
  Pair* FindMutable(SessionNumber session, NodeNumber node);

  // The session that a node's handle stands for, dead or alive, or nothing if the node does not
  // hold it.
  std::optional<SessionNumber> SessionOf(NodeNumber node, Handle handle) const;

  // Handles that a node holds.
  size_t HandleCountOf(NodeNumber node) const;
  size_t pair_count() const { return pair_count_; }

 private:
  using Pairs = absl::InlinedVector<Pair, 1>;

  // Sessions of one node by handle; 0 marks a free handle.
  struct NodeSessions {
    std::vector<SessionNumber> by_handle;  // index (handle - first_handle) / stride
    std::vector<Handle> free;
    size_t count = 0;
  };

  Handle TakeHandle(NodeSessions* sessions, SessionNumber session);
  Handle HandleAt(size_t index) const {
    return first_handle_ + static_cast<Handle>(index) * stride_;
  }

  Handle first_handle_;
  Handle stride_;
  absl::flat_hash_map<SessionNumber, Pairs> pairs_;
  absl::flat_hash_map<NodeNumber, NodeSessions> nodes_;
  size_t pair_count_ = 0;
};

}  // namespace sessionhub::interest

#endif  // INTEREST_INTEREST_INDEX_H_
