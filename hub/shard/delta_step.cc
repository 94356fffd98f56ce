#include "hub/shard/delta_step.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "hub/record/field_value.h"
#include "proto/session/refusal.h"
#include "proto/session/state.h"
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
        Forward(operation);
        return absl::OkStatus();
      case Kind::kErase:
        changed_[operation.path] = std::nullopt;
        Forward(operation);
        erases_ = true;
        return absl::OkStatus();
      case Kind::kEraseSubtree:
        return AddEraseSubtree(operation);
      case Kind::kIncrement:
        return AddIncrement(operation);
      case Kind::kSplice:
        return AddSplice(operation);
    }
    return absl::InvalidArgumentError("unknown operation");
  }

  absl::StatusOr<AppliedDelta> Commit() && {
    ASSIGN_OR_RETURN(const Size size, CheckSize());
    stored::Meta* meta = state_->MutableMeta(session_);
    const Version version = meta->version() + 1;
    meta->set_version(version);
    meta->set_bytes_bound(size.bytes);
    meta->set_bytes_exact(size.exact);
    if (erases_) meta->set_last_erase_version(version);
    for (const auto& [path, value] : changed_) {
      if (value) {
        state_->PutField(session_, path, FieldOf(*value, version));
      } else {
        state_->EraseField(session_, path);
      }
    }
    if (!splices_) forwarded_.without_splices.clear();
    return std::move(forwarded_);
  }

 private:
  absl::Status AddIncrement(const Operation& operation) {
    ASSIGN_OR_RETURN(const std::optional<Value> current, Current(operation.path));
    ASSIGN_OR_RETURN(Value sum, Increment(current ? &*current : nullptr, operation.value));
    changed_[operation.path] = sum;
    Forward({Kind::kPut, operation.path, std::move(sum)});
    return absl::OkStatus();
  }

  absl::Status AddSplice(const Operation& operation) {
    ASSIGN_OR_RETURN(const std::optional<Value> current, Current(operation.path));
    FieldMap field;
    if (current) field.emplace(operation.path, *current);
    RETURN_IF_ERROR(Apply(Delta{{operation}}, &field));
    Value& result = field[operation.path];
    splices_ = true;
    forwarded_.operations.push_back(operation);
    forwarded_.without_splices.push_back({Kind::kPut, operation.path, result});
    changed_[operation.path] = std::move(result);
    return absl::OkStatus();
  }

  void Forward(Operation operation) {
    forwarded_.without_splices.push_back(operation);
    forwarded_.operations.push_back(std::move(operation));
  }

  absl::Status AddEraseSubtree(const Operation& operation) {
    const auto sizes = state_->FieldSizesUnder(session_, operation.path);
    if (!sizes) return NotLoaded();
    for (const auto& [path, size] : *sizes) changed_[path] = std::nullopt;
    sized_roots_.push_back(operation.path);
    known_sizes_.insert(sizes->begin(), sizes->end());
    for (auto it = changed_.lower_bound(operation.path);
         it != changed_.end() && operation.path.Covers(it->first); ++it) {
      it->second = std::nullopt;
    }
    Forward(operation);
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

  struct Size {
    uint64_t bytes = 0;
    bool exact = false;  // else an upper bound
  };

  // What the field at `path` counted before this delta; nothing if nobody has read it.
  std::optional<uint64_t> SizeBefore(const Path& path) const {
    for (const Path& root : sized_roots_) {
      if (!root.Covers(path)) continue;
      auto it = known_sizes_.find(path);
      return it == known_sizes_.end() ? 0 : it->second;
    }
    const TurnState::FoundField found = state_->FindField(session_, path);
    if (!found.known) return std::nullopt;
    return found.field ? FieldSizeBytes(path, ValueOf(*found.field)) : 0;
  }

  // The session's size after this delta. An upper bound takes no read; where it passes the limit,
  // the turn has read what the delta replaces, and only where that does not help, and the size was
  // not exact, the whole session.
  absl::StatusOr<Size> CheckSize() {
    const stored::Meta& meta = *state_->FindMeta(session_);
    Size size{meta.bytes_bound(), meta.bytes_exact()};
    uint64_t replaced = 0;
    bool known = true;
    for (const auto& [path, value] : changed_) {
      if (value) size.bytes += FieldSizeBytes(path, *value);
      const std::optional<uint64_t> before = SizeBefore(path);
      known = known && before.has_value();
      replaced += before.value_or(0);
    }
    size.exact = size.exact && known;
    size.bytes -= std::min(size.bytes, replaced);
    if (size.bytes <= limits_.session_bytes_max) return size;
    return size.exact ? TooLarge(size.bytes) : Recount();
  }

  absl::StatusOr<Size> Recount() {
    auto sizes = state_->FieldSizesUnder(session_, Path());
    if (!sizes) return NotLoaded();
    uint64_t before = 0;
    for (const auto& [path, size] : *sizes) before += size;
    for (const auto& [path, value] : changed_) {
      (*sizes)[path] = value ? FieldSizeBytes(path, *value) : 0;
    }
    uint64_t total = 0;
    for (const auto& [path, size] : *sizes) total += size;
    if (total <= limits_.session_bytes_max) return Size{total, true};
    // The next one is refused without another count.
    stored::Meta* meta = state_->MutableMeta(session_);
    meta->set_bytes_bound(before);
    meta->set_bytes_exact(true);
    return TooLarge(total);
  }

  absl::Status TooLarge(uint64_t bytes) const {
    return absl::ResourceExhaustedError(
        "session would be " + std::to_string(bytes) +
        " bytes, over session_bytes_max = " + std::to_string(limits_.session_bytes_max));
  }

  SessionNumber session_;
  const Limits& limits_;
  TurnState* state_;
  std::map<Path, std::optional<Value>> changed_;
  AppliedDelta forwarded_;
  // Subtrees that were read, and what their fields counted.
  std::vector<Path> sized_roots_;
  std::map<Path, size_t> known_sizes_;
  bool erases_ = false;
  bool splices_ = false;
};

}  // namespace

absl::Status CheckConditions(SessionNumber session, const Delta& delta, const TurnState& state) {
  const stored::Meta* meta = state.FindMeta(session);
  if (!meta) return NotLoaded();
  if (delta.if_version != 0 && delta.if_version != meta->version()) {
    return RefusalStatus(v1::VERSION_CHANGED,
                         "the session is at version " + std::to_string(meta->version()) + ", not " +
                             std::to_string(delta.if_version) + ": read it again");
  }
  for (const FieldCondition& condition : delta.conditions) {
    const TurnState::FoundField found = state.FindField(session, condition.path);
    if (!found.known) return NotLoaded();
    if (condition.absent) {
      if (!found.field) continue;
      return RefusalStatus(v1::VERSION_CHANGED, condition.path.ToText() + " is not absent");
    }
    const Version changed = found.field ? found.field->version() : meta->last_erase_version();
    if (changed <= condition.unchanged_since) continue;
    return RefusalStatus(v1::VERSION_CHANGED, condition.path.ToText() + " was changed by version " +
                                                  std::to_string(changed) + ", after " +
                                                  std::to_string(condition.unchanged_since) +
                                                  ": read it again");
  }
  return absl::OkStatus();
}

absl::StatusOr<AppliedDelta> ApplyDelta(SessionNumber session, const Delta& delta,
                                        const Limits& limits, TurnState* state) {
  DeltaStep step(session, limits, state);
  for (const Operation& operation : delta.operations) RETURN_IF_ERROR(step.Add(operation));
  return std::move(step).Commit();
}

}  // namespace sessionhub::hub
