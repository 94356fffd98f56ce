// The SimulatedNode's part on a hub whose data were restored: it comes back with another history.
#include <utility>

#include "tests/simulation/simulated_node.h"
#include "tests/support/broken.h"

namespace sessionhub::simulation {

using testing::Broken;

// What it has committed since the restore, before it hears of that, was meant for the history that
// it knew, and must not reach the other.
void SimulatedNode::ForgetPast() {
  for (Write& write : *ledger_) {
    if (write.writer != options_.life || write.restored != Write::Restored::kNever) continue;
    write.restored = Write::Restored::kLost;
    ++(*options_.sights)["commits in the past after a restore"];
  }
}

bool SimulatedNode::EnterHistory(const HistoryId& history) {
  const bool changes = history_ != HistoryId{} && history_ != history;
  if (changes) {
    ForgetPast();
    lane_ = testing::Lane();
    resumable_.HistoryEnded();
    numbers_.clear();
    asked_.clear();
    told_versions_.clear();
    called_old_.clear();
    received_.clear();
    heard_.clear();
    locks_asked_.clear();
    locks_held_.clear();
    ++(*options_.sights)["nodes that came back to another history"];
  }
  history_ = history;
  return changes;
}

// Nothing of it is shown as if it were of this history, and nothing of it is sent any more.
void SimulatedNode::CheckForgotten(const std::map<std::string, client::CopyRef>& before) {
  for (const auto& [id, ref] : before) {
    ++(*options_.sights)["copies dropped for another history"];
    if (!machine_.ReadAnyAge(ref)) continue;
    Break(Broken("NoResurrection", options_.life + " shows session " + std::to_string(ref.number) +
                                       " of a history that a restore has ended"));
  }
  const bool waits = !commits_.empty() || !texts_.empty() || !id_changes_.empty() ||
                     !lock_requests_.empty() || machine_.unanswered() > 0;
  if (waits) Break(Broken("Resumable", options_.life + " waits for answers of another history"));
}

// A number says nothing in another history, where it may be that of another session.
void SimulatedNode::CheckNumbers(const v1::NodeFrame& frame) {
  const auto check = [this](const std::string& what, SessionNumber number) {
    if (number == 0 || numbers_.contains(number)) return;
    Break(Broken("NoResurrection", options_.life + " names session " + std::to_string(number) +
                                       " in " + what + ", of which this history told it nothing"));
  };
  for (const v1::Open& open : frame.opens()) check("an open", open.number());
  for (const v1::Delta& delta : frame.deltas()) check("a delta", delta.number());
  for (const v1::Rename& rename : frame.renames()) check("an id change", rename.number());
  for (const v1::LockRequest& lock : frame.locks()) check("a request for a lock", lock.number());
  for (const v1::Unlock& unlock : frame.unlocks()) check("an unlock", unlock.number());
}

}  // namespace sessionhub::simulation
