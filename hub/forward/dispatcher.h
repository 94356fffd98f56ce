// Dispatcher: carries out the effects of a turn after its record is durable: encodes each body once
// and puts everything, in order, into the outboxes. Belongs to one shard and is used by its thread
// only.
#ifndef HUB_FORWARD_DISPATCHER_H_
#define HUB_FORWARD_DISPATCHER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "hub/forward/body.h"
#include "hub/forward/catch_up.h"
#include "hub/forward/catch_up_reader.h"
#include "hub/forward/node_registry.h"
#include "hub/forward/outbox.h"
#include "hub/shard/effect.h"
#include "hub/store/store.h"

namespace sessionhub::hub {

struct DispatcherOptions {
  uint32_t shard = 0;
  uint32_t shards = 1;
  uint64_t path_definitions_max = 4096;  // of one stream: shared among the shards
  // Larger sessions are left to the reader.
  uint64_t turn_read_bytes_max = 256 << 10;
  // Reads at a time, of all nodes and of one. Each pins a snapshot of the store.
  size_t reads_max = 16;
  size_t reads_per_node_max = 2;
};

// What became of a turn's effects.
struct Released {
  std::vector<LapsedPair> lapsed;  // an outbox had no room for them
  std::vector<LargePair> large;
};

class Dispatcher {
 public:
  // `registry`, `store` and `reader` are not owned. `on_deleted` gets the answers to operators;
  // `post` puts what goes on into a mailbox, and does not wait. Without a reader (nullptr) every
  // session is read within its turn.
  Dispatcher(const DispatcherOptions& options, NodeRegistry* registry, const Store* store,
             std::function<void(const DeletedEffect&)> on_deleted, std::function<void(Input)> post,
             CatchUpReader* reader = nullptr);

  // Releases the effects, in order; streams on which somebody waits for an answer are written to
  // first. An error is one of the store: the process must stop.
  absl::StatusOr<Released> Release(std::vector<Effect> effects);

  // Copies that claimed a version above the session's own, since the start. Each is an alarm.
  uint64_t copies_ahead() const { return copies_ahead_; }

 private:
  struct Stream {
    std::shared_ptr<Outbox> outbox;  // nullptr: it has ended
    bool awaited = false;            // it gets an answer
  };
  // What lives for one Release.
  struct Round {
    absl::flat_hash_map<uint64_t, Stream> streams;  // by StreamKey
    absl::flat_hash_map<NodeNumber, std::pair<Origin, uint64_t>> forwards;
    // By StreamKey and session: what an older stream of a node misses says nothing of the newer.
    absl::flat_hash_set<std::pair<uint64_t, SessionNumber>> lapsed_pairs;
    Released released;
  };

  void Carry(const AppliedEffect& effect, Round* round);
  void Carry(const AlreadyEffect& effect, Round* round);
  void Carry(const RefusedEffect& effect, Round* round);
  void Carry(const OpenedEffect& effect, Round* round);
  void Carry(const ForwardEffect& effect, Round* round);
  void Carry(const InvalidatedEffect& effect, Round* round);
  void Carry(const EndedEffect& effect, Round* round);
  void Carry(const IncarnationEndedEffect& effect, Round* round);
  void Carry(const DeliveredEffect& effect, Round* round);
  void Carry(const AnswerEffect& effect, Round* round);
  void Carry(const RenamedEffect& effect, Round* round);
  void Carry(const PostEffect& effect, Round* round);
  void Carry(const DeletedEffect& effect, Round* round);
  void Carry(const EndReadEffect& effect, Round* round);
  // The copy of this catch-up is at a version that the session has not reached.
  void RaiseAlarm(const CatchUpEffect& effect);
  absl::Status CarryCatchUp(const CatchUpEffect& effect, Round* round);
  absl::Status CarryFinish(const FinishCatchUpEffect& effect, Round* round);
  void CarryLarge(const CatchUpEffect& effect, const CatchUpPlan& plan,
                  std::shared_ptr<Outbox> outbox, Round* round);
  bool HasReadFor(NodeNumber node) const;
  void EndRead(uint64_t read);

  Stream& StreamOf(const Origin& origin, Round* round);
  const std::shared_ptr<Outbox>& OutboxOf(const Origin& origin, Round* round);
  void Push(const Origin& origin, OutboxItem item, Round* round);
  // The same of an answer.
  void Answer(const Origin& origin, OutboxItem item, Round* round);
  PathTable* TableOf(AppNumber app);
  static void Lapse(const Origin& origin, SessionNumber session, Version held, Round* round);

  DispatcherOptions options_;
  NodeRegistry* registry_;
  const Store* store_;
  std::function<void(const DeletedEffect&)> on_deleted_;
  std::function<void(Input)> post_;
  absl::flat_hash_map<AppNumber, std::unique_ptr<PathTable>> tables_;
  uint64_t copies_ahead_ = 0;

  struct Read {
    NodeNumber node = 0;
    std::shared_ptr<Outbox> outbox;
  };
  CatchUpReader* const reader_;
  absl::flat_hash_map<uint64_t, Read> reads_;  // by number; until the pair is live, or it is ended
};

}  // namespace sessionhub::hub

#endif  // HUB_FORWARD_DISPATCHER_H_
