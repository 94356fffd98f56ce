// GrowthHold: what of one stream waits while the disk is too full for sessions to grow, and what
// must not overtake it. Pure; belongs to its stream, and what it holds ends with it: the node sends
// it again.
#ifndef HUB_GATEWAY_GROWTH_HOLD_H_
#define HUB_GATEWAY_GROWTH_HOLD_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "absl/container/flat_hash_set.h"
#include "hub/shard/input.h"

namespace sessionhub::hub {

class GrowthHold {
 public:
  // Takes the input, and says so, if it has to wait: a delta that lets its session grow; a delta or
  // an unlock behind one of the same session, since a session decides a node's deltas in their
  // order; and the close of a handle that a waiting delta names, with all that follows it but
  // uses, since the handle means something else then. An Open passes, but makes no session.
  bool Take(Input* input);

  // The use that a delta is: its session must not end while it waits. Nothing of other inputs.
  static std::optional<TouchInput> UseOf(const Input& input);

  // Everything that waits, in its order. Nothing waits afterwards.
  std::deque<Input> TakeAll();

  bool empty() const { return inputs_.empty(); }
  // Of the deltas that wait, which have no answer yet.
  uint64_t deltas() const { return deltas_; }
  size_t bytes() const { return bytes_; }

 private:
  bool Waits(Input* input) const;
  bool IsBehind(Handle handle) const;

  std::deque<Input> inputs_;
  absl::flat_hash_set<Handle> handles_;  // that waiting deltas name
  bool by_number_ = false;               // a waiting delta names a session by its number
  bool all_ = false;                     // whatever comes waits
  uint64_t deltas_ = 0;
  size_t bytes_ = 0;
};

}  // namespace sessionhub::hub

#endif  // HUB_GATEWAY_GROWTH_HOLD_H_
