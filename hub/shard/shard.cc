#include "hub/shard/shard.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "hub/shard/durable.h"
#include "hub/walk_times.h"
#include "proto/session/state.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

// Fields that are read together, and only then counted.
constexpr size_t kFieldsAtOnce = 64;

// Reads fields a little at a time, and counts what they hold.
class FieldLoader {
 public:
  FieldLoader(const Store& store, Loaded* loaded) : store_(store), loaded_(loaded) {}

  // Takes the fields out of `reads` and loads them, unless `bytes_max` is passed before: then
  // false.
  absl::StatusOr<bool> Load(ReadSet* reads, uint64_t bytes_max) {
    const std::vector<FieldKey> fields = std::exchange(reads->fields, {});
    const std::vector<FieldRange> ranges = std::exchange(reads->field_ranges, {});
    for (size_t begin = 0; begin < fields.size(); begin += kFieldsAtOnce) {
      const size_t end = std::min(fields.size(), begin + kFieldsAtOnce);
      RETURN_IF_ERROR(LoadFields({fields.begin() + static_cast<ptrdiff_t>(begin),
                                  fields.begin() + static_cast<ptrdiff_t>(end)}));
      if (bytes_ > bytes_max) return false;
    }
    for (const FieldRange& range : ranges) {
      RETURN_IF_ERROR(LoadRange(range));
      if (bytes_ > bytes_max) return false;
    }
    return true;
  }

 private:
  absl::Status LoadFields(std::vector<FieldKey> keys) {
    ReadSet reads;
    reads.fields = std::move(keys);
    RETURN_IF_ERROR(store_.Load(reads, loaded_));
    for (const FieldKey& key : reads.fields) {
      const auto& field = loaded_->fields[key];
      if (field) bytes_ += field->ByteSizeLong();
    }
    return absl::OkStatus();
  }

  absl::Status LoadRange(const FieldRange& range) {
    ReadSet reads;
    reads.field_ranges.push_back(range);
    RETURN_IF_ERROR(store_.Load(reads, loaded_));
    for (const FieldEntry& entry : loaded_->field_ranges[range]) {
      bytes_ += FieldSizeBytes(entry.path, Value()) + entry.field.ByteSizeLong();
    }
    return absl::OkStatus();
  }

  const Store& store_;
  Loaded* const loaded_;
  uint64_t bytes_ = 0;
};

}  // namespace

Shard::Shard(const ShardMachineOptions& options, Journal* journal, Store* store,
             Dispatcher* dispatcher, AppSessions* app_sessions)
    : load_bytes_max_(options.turn_load_bytes_max),
      machine_(options),
      journal_(journal),
      store_(store),
      dispatcher_(dispatcher),
      app_sessions_(app_sessions) {}

absl::StatusOr<bool> Shard::Load(absl::Span<const Input> inputs, uint64_t now_us,
                                 Loaded* loaded) const {
  constexpr uint64_t kUnbounded = std::numeric_limits<uint64_t>::max();
  const uint64_t bytes_max = inputs.size() > 1 ? load_bytes_max_ : kUnbounded;
  FieldLoader fields(*store_, loaded);
  for (ReadSet reads = machine_.Plan(inputs, *loaded, now_us); !reads.empty();
       reads = machine_.Plan(inputs, *loaded, now_us)) {
    ASSIGN_OR_RETURN(const bool fits, fields.Load(&reads, bytes_max));
    if (!fits) return false;
    if (!reads.empty()) RETURN_IF_ERROR(store_->Load(reads, loaded));
  }
  return true;
}

absl::StatusOr<size_t> Shard::RunOnce(absl::Span<const Input> inputs, uint64_t now_us) {
  inputs = inputs.subspan(0, inputs_at_once_);
  TurnTimes times;
  times.begun_ns = NowNs();
  uint64_t lap_ns = times.begun_ns;
  Loaded loaded;
  ASSIGN_OR_RETURN(bool fits, Load(inputs, now_us, &loaded));
  while (!fits) {
    loaded = {};
    inputs_at_once_ = inputs.size() / 2;
    inputs = inputs.subspan(0, inputs_at_once_);
    ASSIGN_OR_RETURN(fits, Load(inputs, now_us, &loaded));
  }
  if (inputs.size() == inputs_at_once_) inputs_at_once_ *= 2;  // it may have been enough
  times.load_ns = LapNs(&lap_ns);
  ShardMachine::Turn turn = machine_.Step(inputs, loaded, now_us);
  times.inputs = inputs.size();
  times.synced = turn.must_sync;
  times.decided = turn.must_sync || !turn.effects.empty();
  times.step_ns = LapNs(&lap_ns);
  RETURN_IF_ERROR(MakeDurable(turn.record, journal_, store_, turn.must_sync));
  if (turn.must_sync) ++syncs_;
  if (app_sessions_ != nullptr) app_sessions_->Note(turn.record.app_sessions);
  times.commit_ns = LapNs(&lap_ns);
  ASSIGN_OR_RETURN(const Released released, dispatcher_->Release(std::move(turn.effects)));
  machine_.Released(released.lapsed, released.large);
  times.release_ns = LapNs(&lap_ns);
  last_turn_ = times;
  ++turns_;
  return inputs.size();
}

}  // namespace sessionhub::hub
