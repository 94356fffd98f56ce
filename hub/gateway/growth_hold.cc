#include "hub/gateway/growth_hold.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace sessionhub::hub {
namespace {

bool Grows(const Delta& delta) {
  return std::any_of(delta.operations.begin(), delta.operations.end(),
                     [](const Operation& operation) {
                       return operation.kind != Operation::Kind::kErase &&
                              operation.kind != Operation::Kind::kEraseSubtree;
                     });
}

}  // namespace

// Which session a number or another handle means is known to the shard alone: it may be the one of
// any delta that waits.
bool GrowthHold::IsBehind(Handle handle) const {
  return by_number_ || (handle == 0 ? deltas_ > 0 : handles_.contains(handle));
}

bool GrowthHold::Waits(Input* input) const {
  if (std::holds_alternative<TouchInput>(*input)) return false;
  if (all_) return true;
  if (const auto* commit = std::get_if<CommitInput>(input)) {
    return Grows(commit->delta) || IsBehind(commit->handle);
  }
  if (const auto* unlock = std::get_if<UnlockInput>(input)) return IsBehind(unlock->handle);
  if (const auto* close = std::get_if<CloseInput>(input)) return handles_.contains(close->handle);
  if (auto* open = std::get_if<OpenInput>(input)) open->makes_none = true;
  return false;
}

bool GrowthHold::Take(Input* input) {
  if (!Waits(input)) return false;
  if (const auto* commit = std::get_if<CommitInput>(input)) {
    ++deltas_;
    if (commit->handle != 0) handles_.insert(commit->handle);
    by_number_ = by_number_ || commit->handle == 0;
  }
  all_ = all_ || std::holds_alternative<CloseInput>(*input);
  bytes_ += InputSizeBytes(*input);
  inputs_.push_back(std::move(*input));
  return true;
}

std::optional<TouchInput> GrowthHold::UseOf(const Input& input) {
  const auto* commit = std::get_if<CommitInput>(&input);
  if (!commit) return std::nullopt;
  return TouchInput{commit->origin, commit->handle, 0, commit->number};
}

std::deque<Input> GrowthHold::TakeAll() {
  GrowthHold held = std::exchange(*this, GrowthHold());
  return std::move(held.inputs_);
}

}  // namespace sessionhub::hub
