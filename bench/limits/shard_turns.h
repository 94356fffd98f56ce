// ShardTurns: turns of the hub's own shard on a given store, without a hub around it: one node that
// has opened some sessions commits a field of 16 bytes in many of them. Beside it RecordingJournal,
// which keeps what the turns write.
//
// Not thread-safe: one thread makes it and runs its turns.
#ifndef BENCH_LIMITS_SHARD_TURNS_H_
#define BENCH_LIMITS_SHARD_TURNS_H_

#include <rocksdb/write_batch.h>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/limits/meter.h"
#include "hub/forward/dispatcher.h"
#include "hub/forward/node_registry.h"
#include "hub/journal/local_journal.h"
#include "hub/shard/shard.h"
#include "hub/store/record_batch.h"
#include "hub/store/store.h"

namespace sessionhub::bench {

// The journal of a single hub, which can also encode the records that pass for another database.
class RecordingJournal final : public hub::LocalJournal {
 public:
  // Batches for the columns of `handles`, which outlive this.
  explicit RecordingJournal(const hub::ColumnHandles* handles) : handles_(handles) {}

  // While it records, a turn does more than a hub's: such turns are not for measuring.
  void Record(bool on) { recording_ = on; }
  std::vector<rocksdb::WriteBatch> TakeBatches() { return std::exchange(batches_, {}); }

  absl::StatusOr<hub::Position> Append(const hub::TurnRecord& record) override;

 private:
  const hub::ColumnHandles* const handles_;
  bool recording_ = false;
  std::vector<rocksdb::WriteBatch> batches_;
};

class ShardTurns {
 public:
  static constexpr size_t kSessions = 4'096;

  // Neither is owned.
  ShardTurns(hub::Store* store, hub::Journal* journal);

  // Attaches the node, which makes kSessions sessions. Once, before the first turn. Internal if the
  // hub does anything else.
  absl::Status Open();

  // One turn of `commits` (1 to kSessions) commits in as many sessions, those after the last
  // turn's. Returns what the shard took for it: from the inputs to the answers in the node's
  // outbox, the sync in between. Internal unless every commit is applied; an error of the store is
  // its own.
  absl::StatusOr<Spent> Run(size_t commits);

 private:
  // Runs what waits as one turn.
  absl::StatusOr<Spent> RunTurn();
  hub::Input NextCommit();

  std::vector<hub::Input> inputs_;
  hub::NodeRegistry registry_;
  hub::Dispatcher dispatcher_;
  hub::Shard shard_;
  hub::Attachment node_;
  std::vector<hub::Handle> handles_;  // of the sessions
  uint64_t commits_ = 0;
  uint64_t answered_ = 0;
};

}  // namespace sessionhub::bench

#endif  // BENCH_LIMITS_SHARD_TURNS_H_
