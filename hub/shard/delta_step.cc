#include "hub/shard/delta_step.h"

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "hub/record/field_value.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

using Kind = Operation::Kind;

absl::Status NotLoaded() {
  return absl::UnavailableError("the delta names a session that its node has not opened");
}

// Collects the changes of one delta on the side; Commit writes them to the turn.
class DeltaStep {
 public:
  DeltaStep(SessionNumber session, const Limits& limits, TurnState* state)
      : session_(session), limits_(limits), state_(state) {}

  absl::Status Add(const Operation& operation) {
    switch (operation.kind) {
      case Kind::kPut:
        changed_[operation.path] = operation.value;
        forwarded_.push_back(operation);
        return absl::OkStatus();
      case Kind::kErase:
        changed_[operation.path] = std::nullopt;
        forwarded_.push_back(operation);
        erases_ = true;
        return absl::OkStatus();
      case Kind::kEraseSubtree:
        return AddEraseSubtree(operation);
      case Kind::kIncrement:
        return AddIncrement(operation);
    }
    return absl::InvalidArgumentError("unknown operation");
  }

  absl::StatusOr<std::vector<Operation>> Commit() && {
    ASSIGN_OR_RETURN(const uint64_t bytes_bound, CheckSize());
    stored::Meta* meta = state_->MutableMeta(session_);
    const Version version = meta->version() + 1;
    meta->set_version(version);
    meta->set_bytes_bound(bytes_bound);
    if (erases_) meta->set_last_erase_version(version);
    for (const auto& [path, value] : changed_) {
      if (value) {
        state_->PutField(session_, path, FieldOf(*value, version));
      } else {
        state_->EraseField(session_, path);
      }
    }
    return std::move(forwarded_);
  }

 private:
  absl::Status AddIncrement(const Operation& operation) {
    ASSIGN_OR_RETURN(const std::optional<Value> current, Current(operation.path));
    ASSIGN_OR_RETURN(Value sum, Increment(current ? &*current : nullptr, operation.value));
    changed_[operation.path] = sum;
    forwarded_.push_back({Kind::kPut, operation.path, std::move(sum)});
    return absl::OkStatus();
  }

  absl::Status AddEraseSubtree(const Operation& operation) {
    const auto sizes = state_->FieldSizesUnder(session_, operation.path);
    if (!sizes) return NotLoaded();
    for (const auto& [path, size] : *sizes) changed_[path] = std::nullopt;
    for (auto it = changed_.lower_bound(operation.path);
         it != changed_.end() && operation.path.Covers(it->first); ++it) {
      it->second = std::nullopt;
    }
    forwarded_.push_back(operation);
    erases_ = true;
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<Value>> Current(const Path& path) const {
    auto it = changed_.find(path);
    if (it != changed_.end()) return it->second;
    const TurnState::FoundField found = state_->FindField(session_, path);
    if (!found.known) return NotLoaded();
    return found.field ? std::optional<Value>(ValueOf(*found.field)) : std::nullopt;
  }

  // The session's new upper bound in bytes. Counted exactly only where the cheap bound passes the
  // limit.
  absl::StatusOr<uint64_t> CheckSize() const {
    uint64_t bound = state_->FindMeta(session_)->bytes_bound();
    for (const auto& [path, value] : changed_) {
      if (value) bound += FieldSizeBytes(path, *value);
    }
    if (bound <= limits_.session_bytes_max) return bound;
    auto sizes = state_->FieldSizesUnder(session_, Path());
    if (!sizes) return NotLoaded();
    for (const auto& [path, value] : changed_) {
      (*sizes)[path] = value ? FieldSizeBytes(path, *value) : 0;
    }
    uint64_t total = 0;
    for (const auto& [path, size] : *sizes) total += size;
    if (total > limits_.session_bytes_max) {
      return absl::ResourceExhaustedError(
          "session would be " + std::to_string(total) +
          " bytes, over session_bytes_max = " + std::to_string(limits_.session_bytes_max));
    }
    return total;
  }

  SessionNumber session_;
  const Limits& limits_;
  TurnState* state_;
  std::map<Path, std::optional<Value>> changed_;
  std::vector<Operation> forwarded_;
  bool erases_ = false;
};

}  // namespace

absl::StatusOr<std::vector<Operation>> ApplyDelta(SessionNumber session, const Delta& delta,
                                                  const Limits& limits, TurnState* state) {
  DeltaStep step(session, limits, state);
  for (const Operation& operation : delta.operations) RETURN_IF_ERROR(step.Add(operation));
  return std::move(step).Commit();
}

}  // namespace sessionhub::hub
