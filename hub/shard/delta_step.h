// DeltaStep: applies one delta to the turn's state of a live session, whole or not at all. Pure.
#ifndef HUB_SHARD_DELTA_STEP_H_
#define HUB_SHARD_DELTA_STEP_H_

#include <vector>

#include "absl/status/statusor.h"
#include "hub/shard/turn_state.h"
#include "proto/session/delta.h"
#include "proto/session/limits.h"

namespace sessionhub::hub {

// Writes the fields with the session's next version and moves the meta there. Returns what
// interested nodes apply: the operations with increments replaced by puts of their results. Errors
// are those of Increment (delta.h), ResourceExhausted for a session over limits.session_bytes_max,
// and Unavailable if the plan did not load what the delta needs; then nothing has changed.
absl::StatusOr<std::vector<Operation>> ApplyDelta(SessionNumber session, const Delta& delta,
                                                  const Limits& limits, TurnState* state);

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_DELTA_STEP_H_
