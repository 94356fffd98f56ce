#include "hub/shard/shard.h"

#include <utility>

#include "hub/shard/durable.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {

Shard::Shard(const ShardMachineOptions& options, Journal* journal, Store* store,
             Dispatcher* dispatcher)
    : machine_(options), journal_(journal), store_(store), dispatcher_(dispatcher) {}

absl::Status Shard::Load(absl::Span<const Input> inputs, uint64_t now_us, Loaded* loaded) const {
  for (ReadSet reads = machine_.Plan(inputs, *loaded, now_us); !reads.empty();
       reads = machine_.Plan(inputs, *loaded, now_us)) {
    RETURN_IF_ERROR(store_->Load(reads, loaded));
  }
  return absl::OkStatus();
}

absl::Status Shard::RunOnce(absl::Span<const Input> inputs, uint64_t now_us) {
  Loaded loaded;
  RETURN_IF_ERROR(Load(inputs, now_us, &loaded));
  ShardMachine::Turn turn = machine_.Step(inputs, loaded, now_us);
  RETURN_IF_ERROR(MakeDurable(turn.record, journal_, store_, turn.must_sync));
  if (turn.must_sync) ++syncs_;
  ASSIGN_OR_RETURN(const Released released, dispatcher_->Release(std::move(turn.effects)));
  machine_.Released(released.lapsed, released.large);
  ++turns_;
  return absl::OkStatus();
}

}  // namespace sessionhub::hub
