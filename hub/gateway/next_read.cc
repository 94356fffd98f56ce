#include "hub/gateway/next_read.h"

#include <variant>

namespace sessionhub::hub {
namespace {

// So many commits of a node, each alone, before its reads wait.
constexpr uint64_t kAloneMin = 8;
// Who waits does not see that the node has sent on: one of so many is read at once, to find out.
constexpr uint64_t kLookEvery = 16;

// What is received is told at once, and what is delivered waits for other nodes.
bool IsAnsweredByItsTurn(const Input& input) {
  const auto* commit = std::get_if<CommitInput>(&input);
  return commit && !commit->received && !commit->delivered;
}

}  // namespace

void NextRead::FrameRead(const Admitted& admitted, uint64_t unanswered) {
  waits_ = false;
  if (admitted.deltas > 1 || (unanswered > 0 && !admitted.inputs.empty())) alone_ = 0;
  if (admitted.deltas != 1 || unanswered > 0) return;
  ++alone_;
  waits_ = alone_ > kAloneMin && alone_ % kLookEvery != 0 && admitted.answers.empty() &&
           admitted.inputs.size() == 1 && IsAnsweredByItsTurn(admitted.inputs.front());
}

}  // namespace sessionhub::hub
