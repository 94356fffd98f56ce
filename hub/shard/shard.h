// Shard: the one writer of its sessions. Runs the turns: plan, load, step, sync, release.
#ifndef HUB_SHARD_SHARD_H_
#define HUB_SHARD_SHARD_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "hub/forward/dispatcher.h"
#include "hub/journal/journal.h"
#include "hub/shard/app_sessions.h"
#include "hub/shard/input.h"
#include "hub/shard/shard_machine.h"
#include "hub/store/store.h"

namespace sessionhub::hub {

// How long the rows of one turn took.
struct TurnTimes {
  uint64_t begun_ns = 0;  // by NowNs
  size_t inputs = 0;
  bool decided = false;  // there were effects, or a record to sync: not only a look at the time
  bool synced = false;
  uint64_t load_ns = 0;
  uint64_t step_ns = 0;
  uint64_t commit_ns = 0;
  uint64_t release_ns = 0;

  uint64_t TotalNs() const { return load_ns + step_ns + commit_ns + release_ns; }
};

// Not thread-safe: one thread runs all its turns. Nothing is owned but the machine.
class Shard {
 public:
  // `app_sessions` hears of what the turns make of the numbers of sessions, before anybody else
  // does; nullptr: nobody wants to know.
  Shard(const ShardMachineOptions& options, Journal* journal, Store* store, Dispatcher* dispatcher,
        AppSessions* app_sessions = nullptr);

  // One turn of the first of `inputs`, at least one: as many as can be read for together
  // (ShardMachineOptions::turn_load_bytes_max). Returns how many. After an error nothing of the
  // turn has been let out, what is stored is unknown, and the process must stop: a restart and
  // dedupe settle the outcome.
  absl::StatusOr<size_t> RunOnce(absl::Span<const Input> inputs, uint64_t now_us);

  // True if a turn without inputs would do something.
  bool HasWork() const { return machine_.HasCatchUpsDue(); }

  const ShardMachine& machine() const { return machine_; }
  const TurnTimes& last_turn() const { return last_turn_; }
  uint64_t turns() const { return turns_; }
  uint64_t syncs() const { return syncs_; }
  // As Dispatcher::copies_ahead.
  uint64_t copies_ahead() const { return dispatcher_->copies_ahead(); }

 private:
  // False if it is too much for several inputs to be read at once; then not all is loaded.
  absl::StatusOr<bool> Load(absl::Span<const Input> inputs, uint64_t now_us, Loaded* loaded) const;

  const uint64_t load_bytes_max_;
  ShardMachine machine_;
  Journal* journal_;
  Store* store_;
  Dispatcher* dispatcher_;
  AppSessions* const app_sessions_;
  // Tried first: halved when it is too many, doubled when it is not.
  size_t inputs_at_once_ = 1 << 20;
  TurnTimes last_turn_;
  uint64_t turns_ = 0;
  uint64_t syncs_ = 0;
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_SHARD_H_
