// ShardMachine: decides everything that happens to the sessions of one shard. Pure: no thread,
// clock, I/O or randomness; time and stored state are arguments. Belongs to one shard and is used
// by its thread only.
//
// The caller's duties, for each turn, in this order:
//   1. while Plan(inputs, loaded) asks for something, load it;
//   2. Step(inputs, loaded), once;
//   3. make the result's record durable; if that fails, stop the process and let nothing out;
//   4. carry out the effects in order, and give the pairs whose outbox had no room to Lapse.
#ifndef HUB_SHARD_SHARD_MACHINE_H_
#define HUB_SHARD_SHARD_MACHINE_H_

#include <cstdint>
#include <deque>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/types/span.h"
#include "hub/record/read_set.h"
#include "hub/record/turn_record.h"
#include "hub/shard/effect.h"
#include "hub/shard/input.h"
#include "hub/shard/turn_state.h"
#include "interest/interest_index.h"
#include "proto/session/limits.h"

namespace sessionhub::hub {

struct ShardMachineOptions {
  uint32_t shard = 0;  // this one owns the slots s with s % shards == shard
  uint32_t shards = 1;
  Limits limits;
  uint64_t resend_horizon_us = 24ull * 3600 * 1'000'000;
  uint32_t handles_per_node_max = 1'000'000;
  uint32_t catch_ups_per_turn_max = 64;
};

// What has happened, counted since the machine was made.
struct ShardCounters {
  uint64_t deltas_applied = 0;
  uint64_t deltas_refused = 0;
  uint64_t deltas_duplicate = 0;
  uint64_t forwards = 0;  // (delta, node) pairs
  uint64_t catch_ups = 0;
  uint64_t lapses = 0;
  uint64_t sessions_created = 0;
  uint64_t sessions_ended = 0;
};

class ShardMachine {
 public:
  explicit ShardMachine(const ShardMachineOptions& options);

  struct Turn {
    TurnRecord record;
    std::vector<Effect> effects;
  };

  // What must still be loaded for these inputs at this time; empty: Step may run.
  ReadSet Plan(absl::Span<const Input> inputs, const Loaded& loaded, uint64_t now_us) const;

  // Decides the inputs in order. `now_us` is hub time and the one given to Plan.
  Turn Step(absl::Span<const Input> inputs, const Loaded& loaded, uint64_t now_us);

  // These pairs missed an effect of the last turn: they are behind until their node has room again.
  void Lapse(absl::Span<const LapsedPair> pairs);

  // True if a turn without inputs would have catch-ups to start.
  bool HasCatchUpsDue() const { return !catching_up_.empty(); }

  // Pairs that wait for a catch-up.
  size_t behind_count() const;

  const ShardCounters& counters() const { return counters_; }
  const interest::InterestIndex& index() const { return index_; }

 private:
  struct NodeState {
    uint32_t attach = 0;
    bool attached = false;
    bool blocked = false;  // its outbox has refused something and not had room since
    AppNumber app = 0;
    Incarnation incarnation{};
    // Pairs that need a catch-up, first come first served; each is queued once.
    std::deque<SessionNumber> behind;
    absl::flat_hash_set<SessionNumber> queued;
  };

  // One for each kind of input; `out` is the turn in the making.
  struct Out;
  void On(const CommitInput& input, Out* out);
  void On(const SeenInput& input, Out* out);
  void On(const OpenInput& input, Out* out);
  void On(const ResumeInput& input, Out* out);
  void On(const CloseInput& input, Out* out);
  void On(const AttachInput& input, Out* out);
  void On(const DetachInput& input, Out* out);
  void On(const LeaseEndInput& input, Out* out);
  void On(const RoomInput& input, Out* out);
  void On(const DeleteInput& input, Out* out);
  void On(const TickInput& input, Out* out);

  // The state of an input's node, or nullptr if the input is of an older attach.
  NodeState* Current(const Origin& origin);
  SessionNumber SessionOf(const CommitInput& input) const;

  void Decide(const CommitInput& input, const NodeState& node, SessionNumber session, Out* out);
  void Refuse(const CommitInput& input, const NodeState& node, SessionNumber session,
              const absl::Status& why, Out* out);
  void NoteSeen(const Incarnation& incarnation, uint64_t through);
  bool MakeRoomForWriter(SessionNumber session, Out* out);
  void ForgetSeenAnswers(SessionNumber session, Out* out);
  void Forward(const CommitInput& input, SessionNumber session, Version to,
               std::vector<Operation> operations, Out* out);
  void Register(const OpenInput& input, SessionNumber session, bool created, NodeState* node,
                Out* out);
  void Delete(const CommitInput& input, const NodeState& node, SessionNumber session, Out* out);
  void TellEnded(SessionNumber session, Out* out);
  void QueueCatchUp(NodeNumber number, SessionNumber session, NodeState* node);
  void StartCatchUps(Out* out);
  bool IsHeard(const interest::Pair& pair) const;

  ShardMachineOptions options_;
  std::vector<Slot> slots_;
  interest::InterestIndex index_;
  absl::flat_hash_map<NodeNumber, NodeState> nodes_;
  absl::btree_set<NodeNumber> catching_up_;  // nodes with room and pairs that are behind
  // Up to which of its deltas an incarnation has seen the answers.
  absl::flat_hash_map<Incarnation, uint64_t> seen_through_;
  absl::flat_hash_set<Incarnation> present_;  // attached or in their lease
  std::deque<Incarnation> departed_;          // whose lease has ended, oldest first; bounded
  absl::flat_hash_set<Incarnation> ended_;    // ended by this machine: they may not attach again
  uint64_t stored_hub_time_us_ = 0;
  ShardCounters counters_;
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_SHARD_MACHINE_H_
