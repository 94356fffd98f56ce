// ShardMachine: decides everything that happens to the sessions of one shard. Pure: no thread,
// clock, I/O or randomness; time and stored state are arguments. Belongs to one shard and is used
// by its thread only.
//
// The caller's duties, for each turn, in this order:
//   1. while Plan(inputs, loaded) asks for something, load it;
//   2. Step(inputs, loaded), once;
//   3. make the result's record durable; if that fails, stop the process and let nothing out;
//   4. carry out the effects in order, and tell Released what became of them.
#ifndef HUB_SHARD_SHARD_MACHINE_H_
#define HUB_SHARD_SHARD_MACHINE_H_

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "hub/record/read_set.h"
#include "hub/record/turn_record.h"
#include "hub/shard/agenda.h"
#include "hub/shard/app_ledger.h"
#include "hub/shard/delivery.h"
#include "hub/shard/delta_step.h"
#include "hub/shard/effect.h"
#include "hub/shard/input.h"
#include "hub/shard/large_reads.h"
#include "hub/shard/locks.h"
#include "hub/shard/node_state.h"
#include "hub/shard/session_counts.h"
#include "hub/shard/shard_counters.h"
#include "hub/shard/shard_machine_options.h"
#include "hub/shard/turn_out.h"
#include "interest/interest_index.h"

namespace sessionhub::hub {

class ShardMachine {
 public:
  explicit ShardMachine(const ShardMachineOptions& options);

  struct Turn {
    TurnRecord record;
    // False if nothing of the record is worth a sync of its own.
    bool must_sync = false;
    std::vector<Effect> effects;
  };

  // What must still be loaded for these inputs at this time; empty: Step may run.
  ReadSet Plan(absl::Span<const Input> inputs, const Loaded& loaded, uint64_t now_us) const;

  // Decides the inputs in order. `now_us` is hub time and the one given to Plan.
  Turn Step(absl::Span<const Input> inputs, const Loaded& loaded, uint64_t now_us);

  // Pairs that missed an effect of the last turn are behind until their node has room again; large
  // ones until their read is done.
  void Released(absl::Span<const LapsedPair> lapsed, absl::Span<const LargePair> large);

  // True if a turn without inputs would have catch-ups to start.
  bool HasCatchUpsDue() const { return !catching_up_.empty(); }

  // Pairs that wait for a catch-up.
  size_t behind_count() const;

  // Requests that wait for a lock.
  size_t lock_waits() const { return locks_.size(); }
  size_t delivery_waits() const { return deliveries_.waits(); }
  const ShardCounters& counters() const { return counters_; }
  const AppLedger& ledger() const { return ledger_; }
  const interest::InterestIndex& index() const { return index_; }

 private:
  // One for each kind of input; `out` is the turn in the making.
  void On(const CommitInput& input, TurnOut* out);
  void On(const SeenInput& input, TurnOut* out);
  void On(const OpenInput& input, TurnOut* out);
  void On(const ResumeInput& input, TurnOut* out);
  void On(const CloseInput& input, TurnOut* out);
  void On(const ReceiptInput& input, TurnOut* out);
  void On(const AttachInput& input, TurnOut* out);
  void On(const DetachInput& input, TurnOut* out);
  void On(const LeaseEndInput& input, TurnOut* out);
  void On(const RoomInput& input, TurnOut* out);
  void On(const ReadDoneInput& input, TurnOut* out);
  void On(const DeleteInput& input, TurnOut* out);
  void On(const TouchInput& input, TurnOut* out);
  void On(const UnreadInput& input, TurnOut* out);
  void On(const RenameInput& input, TurnOut* out);
  void On(const LookUpInput& input, TurnOut* out);
  void On(const NameNoteInput& input, TurnOut* out);
  void On(const LockInput& input, TurnOut* out);
  void On(const UnlockInput& input, TurnOut* out);
  void On(const TickInput& input, TurnOut* out);

  // The state of an input's node, or nullptr if the input is of an older attach.
  NodeState* Current(const Origin& origin);
  // Of an input that names its session by handle or number; 0: the handle is not open.
  template <typename NamesSession>
  SessionNumber SessionOf(const NamesSession& input) const {
    if (input.handle == 0) return input.number;
    return index_.SessionOf(input.origin.node, input.handle).value_or(0);
  }

  void Decide(const CommitInput& input, const NodeState& node, SessionNumber session, TurnOut* out);
  void Refuse(const CommitInput& input, const NodeState& node, SessionNumber session,
              const absl::Status& why, TurnOut* out);
  void NoteSeen(const Incarnation& incarnation, uint64_t through);
  bool MakeRoomForWriter(SessionNumber session, TurnOut* out);
  void ForgetSeenAnswers(SessionNumber session, TurnOut* out);
  void Forward(const CommitInput& input, SessionNumber session, Version to, AppliedDelta applied,
               TurnOut* out);
  void Invalidate(SessionNumber session, Version to, bool again, interest::Pair* pair,
                  TurnOut* out);
  // `session` 0: no session has the name.
  void OpenSession(const OpenInput& input, SessionNumber session, NodeState* node, TurnOut* out);
  void Register(const OpenInput& input, SessionNumber session, bool created, NodeState* node,
                TurnOut* out);
  void Delete(const CommitInput& input, const NodeState& node, SessionNumber session, TurnOut* out);
  void DeleteFor(const DeleteInput& input, SessionNumber session, TurnOut* out);
  void Purge(const DueKey& key, TurnOut* out);
  // Every end of a life is one of these; the identity is loaded. `answer` gets the last version,
  // before its nodes are told.
  Version End(
      SessionNumber session, v1::Ended::Why why, TurnOut* out,
      absl::FunctionRef<void(Version)> answer = [](Version) {});
  void SeeToDue(const DueEntry& entry, TurnOut* out);
  void Expire(const DueEntry& entry, TurnOut* out);
  bool MayBeUsedUnheard(SessionNumber session, uint64_t now_us) const;
  void WriteUses(TurnOut* out);
  void Rename(const RenameInput& input, TurnOut* out);
  void TellRenamed(SessionNumber session, const std::string& id, TurnOut* out);
  void TellId(SessionNumber session, interest::Pair* pair, TurnOut* out);
  void LookUp(const NameKey& key, const stored::Name& name, NameRequest then, TurnOut* out);
  void Note(const NameNoteInput& note, TurnOut* out);
  void LookAtOldName(const DueEntry& entry, TurnOut* out);
  void FreeNameOfDead(SessionNumber session, TurnOut* out);
  void WaitForLock(SessionNumber session, const LockWaiter& waiter, TurnOut* out);
  void GrantLock(SessionNumber session, const LockWaiter& waiter, TurnOut* out);
  void LookAtLocks(TurnOut* out);
  void EndWaits(SessionNumber session, TurnOut* out);
  void QueueCatchUp(NodeNumber number, SessionNumber session, NodeState* node);
  void StartCatchUps(TurnOut* out);
  size_t StartCatchUpsOf(NodeNumber number, size_t count_max, TurnOut* out);
  void Lapse(absl::Span<const LapsedPair> pairs);
  bool IsHeard(const interest::Pair& pair) const;
  Target TargetOf(SessionNumber session, const interest::Pair& pair) const;

  // ---- deltas whose committer waits for delivery ----
  absl::Status CheckRoomForDelivery(const CommitInput& input, SessionNumber session) const;
  void StartDelivery(const CommitInput& input, SessionNumber session, Version version,
                     TurnOut* out);
  void RestartDelivery(const CommitInput& input, SessionNumber session, TurnOut* out);
  void TellDeliveries(TurnOut* out);

  uint64_t NewReadNumber();
  bool ReadGoesOn(SessionNumber session, NodeNumber node, Version held);
  void EndReads(const std::vector<LargeRead>& reads, TurnOut* out);
  void EndRead(SessionNumber session, NodeNumber node, TurnOut* out);
  void FinishRead(const Target& target, const NodeState& node, SessionNumber session, TurnOut* out);
  void Finished(const LargeRead& read);
  void AddLarge(const LargePair& large);
  void QueueWaiting();

  ShardMachineOptions options_;
  std::vector<Slot> slots_;
  Agenda agenda_;
  interest::InterestIndex index_;
  Deliveries deliveries_;
  absl::flat_hash_map<NodeNumber, NodeState> nodes_;
  absl::btree_set<NodeNumber> catching_up_;  // nodes with room and pairs that are behind
  NodeNumber last_caught_up_ = 0;            // whose turn it was
  // Up to which of its deltas an incarnation has seen the answers.
  absl::flat_hash_map<Incarnation, uint64_t> seen_through_;
  absl::flat_hash_set<Incarnation> present_;  // attached or in their lease
  std::deque<Incarnation> departed_;          // whose lease has ended, oldest first; bounded
  // Ended by this machine, oldest first; bounded. One of them may be about to attach: the registrar
  // let it pass before its record was gone.
  std::deque<Incarnation> ended_;
  Locks locks_;
  LargeReads reads_;
  std::vector<LargeRead> finishing_;  // by the effects of the turn
  uint64_t last_read_ = 0;
  ReadQueue waiting_;
  uint64_t reserved_last_ = 0;  // the stamp of the last reservation of a name
  uint64_t stored_hub_time_us_ = 0;
  ShardCounters counters_;
  AppLedger ledger_;
  SessionCounts session_counts_;
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_SHARD_MACHINE_H_
