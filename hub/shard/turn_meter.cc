#include "hub/shard/turn_meter.h"

#include <glog/logging.h>

namespace sessionhub::hub {
namespace {

constexpr uint64_t kNsOfMs = 1'000'000;
constexpr uint64_t kNsOfUs = 1'000;
// A disk that is slow is slow for many turns.
constexpr int kSlowCommitSeconds = 1;

}  // namespace

void TurnMeter::Note(const TurnTimes& turn, uint64_t since_ns) {
  if (!turn.decided) return;
  const bool waited = since_ns != 0 && since_ns < turn.begun_ns;
  const uint64_t mailbox_ns = waited ? turn.begun_ns - since_ns : 0;
  if (WalkTimes* times = options_.walk_times) {
    if (turn.inputs > 0) times->Record(WalkStep::kMailbox, mailbox_ns);
    times->Record(WalkStep::kLoad, turn.load_ns);
    times->Record(WalkStep::kStep, turn.step_ns);
    if (turn.synced) times->Record(WalkStep::kCommit, turn.commit_ns);
    times->Record(WalkStep::kRelease, turn.release_ns);
  }
  const uint64_t slow_ns = options_.slow_commit_ms * kNsOfMs;
  if (slow_ns != 0 && turn.TotalNs() >= slow_ns) TellSlow(turn, mailbox_ns);
}

void TurnMeter::TellSlow(const TurnTimes& turn, uint64_t mailbox_ns) {
  slow_commits_.fetch_add(1, std::memory_order_relaxed);
  LOG_EVERY_T(WARNING, kSlowCommitSeconds)
      << "event=slow_commit shard=" << options_.shard << " inputs=" << turn.inputs
      << " synced=" << turn.synced << " turn_us=" << turn.TotalNs() / kNsOfUs
      << " mailbox_us=" << mailbox_ns / kNsOfUs << " load_us=" << turn.load_ns / kNsOfUs
      << " step_us=" << turn.step_ns / kNsOfUs << " commit_us=" << turn.commit_ns / kNsOfUs
      << " release_us=" << turn.release_ns / kNsOfUs << " slow_commits=" << slow_commits();
}

}  // namespace sessionhub::hub
