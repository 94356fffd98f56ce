// DeltaStep: applies one delta to the turn's state of a live session, whole or not at all. Pure.
#ifndef HUB_SHARD_DELTA_STEP_H_
#define HUB_SHARD_DELTA_STEP_H_

#include <vector>

#include "absl/status/statusor.h"
#include "hub/shard/turn_state.h"
#include "proto/session/delta.h"
#include "proto/session/limits.h"

namespace sessionhub::hub {

// VERSION_CHANGED (refusal.h) and which one, if a precondition of the delta does not hold;
// Unavailable if the plan did not load a field that one needs. An absent field was last changed by
// the session's newest erase, as far as the hub knows.
absl::Status CheckConditions(SessionNumber session, const Delta& delta, const TurnState& state);

// What interested nodes apply: the operations with increments replaced by puts of their results.
struct AppliedDelta {
  std::vector<Operation> operations;
  // The same with splices replaced too, for nodes that do not know them; empty if there are none.
  std::vector<Operation> without_splices;
};

// Writes the fields with the session's next version and moves the meta there. Errors are those of
// Apply (delta.h), ResourceExhausted for a session over limits.session_bytes_max, and Unavailable
// if the plan did not load what the delta needs; then no field has changed, nor the version.
absl::StatusOr<AppliedDelta> ApplyDelta(SessionNumber session, const Delta& delta,
                                        const Limits& limits, TurnState* state);

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_DELTA_STEP_H_
