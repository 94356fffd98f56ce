// The Cluster's part on sessions that end by themselves.
#include <algorithm>
#include <utility>

#include "proto/session/status_macros.h"
#include "tests/simulation/cluster.h"

namespace sessionhub::simulation {
namespace {

using std::chrono::microseconds;
using testing::Idleness;
using testing::Write;

// In which what is due is seen to.
constexpr microseconds kTickGrace{1'000'000};
constexpr int kStepsOfATimeout = 40;
// Of 10 ms, in which every lease on a lock ends.
constexpr int kLockRoundsMax = 500;
// In which a copy that waits for its catch-up gets it.
constexpr int kCatchUpRoundsMax = 100;

bool IsLost(const Write& write) {
  return write.restored == Write::Restored::kLost;
}

}  // namespace

// After each turn: whatever has ended by itself was idle, as far as applied deltas tell.
absl::Status Cluster::CheckExpired() {
  RETURN_IF_ERROR(AfterTurn());
  const uint64_t expired = hub_->sessions_expired();
  if (std::exchange(expired_seen_, expired) == expired) return absl::OkStatus();
  return CheckEnded();
}

// Also after a crash: a turn that failed may have ended what it then finds dead.
absl::Status Cluster::CheckEnded() {
  const microseconds timeout{node_options_.idle_timeout_ms * 1000};
  for (const auto& [number, session] : Stored()) {
    if (!session.dead || !ended_seen_.insert(number).second) continue;
    if (model_ && model_->IsDue(number)) continue;
    const SessionNumber ended = number;
    const bool deleted = std::any_of(ledger_.begin(), ledger_.end(), [ended](const Write& write) {
      return write.session == ended && write.deletes && !IsLost(write);
    });
    if (deleted) continue;  // it may have ended by this
    if (timeout.count() == 0) {
      return absl::DataLossError("Expires is broken: a session without a timeout has ended");
    }
    Idleness idleness{number, true, microseconds::max(), timeout, kTickGrace};
    for (size_t place = 0; place < ledger_.size(); ++place) {
      const Write& write = ledger_[place];
      const bool applied = write.outcome == Write::Outcome::kApplied && !IsLost(write);
      if (write.session != number || !applied) continue;
      idleness.unused = std::min(idleness.unused, UpTime() - committed_at_[place]);
    }
    RETURN_IF_ERROR(testing::Expires(idleness));
  }
  return absl::OkStatus();
}

// Of the sessions that live and have one, in microseconds.
absl::StatusOr<std::map<SessionNumber, uint64_t>> Cluster::IdleTimeouts() const {
  hub::ReadSet reads;
  ASSIGN_OR_RETURN(const auto names, store_->ListNames(1, std::nullopt, 1000));
  for (const hub::NameEntry& entry : names) reads.metas.push_back(entry.name.number());
  hub::Loaded loaded;
  RETURN_IF_ERROR(store_->Load(reads, &loaded));
  std::map<SessionNumber, uint64_t> timeouts;
  for (const auto& [number, meta] : loaded.metas) {
    if (meta && !meta->dead() && meta->idle_timeout() > 0) timeouts[number] = meta->idle_timeout();
  }
  return timeouts;
}

// Nobody opens anything, and time is seen to.
absl::Status Cluster::QuietRound() {
  hub_->Tick();
  return HealRound(/*opens=*/false);
}

// The node reads its copy, which may wait for the hub's word or for a catch-up.
absl::Status Cluster::UseAgain(const std::string& id) {
  absl::Status status = nodes_.front()->Use(id, Now());
  for (int round = 0; round < kCatchUpRoundsMax && absl::IsUnavailable(status); ++round) {
    RETURN_IF_ERROR(QuietRound());
    status = nodes_.front()->Use(id, Now());
  }
  return status;
}

// Without faults, a session that one node reads and nobody else uses lives on.
absl::Status Cluster::CheckReadKeepsAlive() {
  const std::string& id = node_options_.ids.front();
  const auto copy = nodes_.front()->CopyOf(id);
  ASSIGN_OR_RETURN(const auto timeouts, IdleTimeouts());
  const auto timeout = copy ? timeouts.find(copy->number) : timeouts.end();
  if (timeout == timeouts.end()) return absl::OkStatus();
  UseAgain(id).IgnoreError();
  for (int step = 0; step < 3 * kStepsOfATimeout; ++step) {
    Advance(timeout->second / kStepsOfATimeout);
    RETURN_IF_ERROR(QuietRound());
    ASSIGN_OR_RETURN(const auto alive, IdleTimeouts());
    const bool ended = !alive.contains(copy->number);
    // It may have been idle for long, and a touch comes up to a tenth of its timeout late.
    if (ended && step < kStepsOfATimeout / 5) return absl::OkStatus();
    RETURN_IF_ERROR(testing::Expires(
        {copy->number, ended, microseconds(0), microseconds(timeout->second), kTickGrace}));
    RETURN_IF_ERROR(UseAgain(id));
  }
  return absl::OkStatus();
}

// And once nobody uses anything, everything that has an idle timeout ends.
absl::Status Cluster::CheckIdleEnd() {
  const microseconds begin = UpTime();
  // A session that was not used since the hub's start gets a lease more.
  const microseconds grace = kTickGrace + microseconds(hub_options_.lease_us);
  const microseconds longest(2 * node_options_.idle_timeout_ms * 1000);
  const microseconds end = begin + longest + longest / 10 + grace;
  while (UpTime() <= end) {
    Advance(200'000);
    RETURN_IF_ERROR(QuietRound());
  }
  ASSIGN_OR_RETURN(const auto left, IdleTimeouts());
  for (const auto& [number, timeout_us] : left) {
    RETURN_IF_ERROR(
        testing::Expires({number, false, UpTime() - begin, microseconds(timeout_us), grace}));
  }
  return absl::OkStatus();
}

// Whoever asks for a lock gets it in the end, also if its holder is gone or does not give it back.
absl::Status Cluster::CheckLocks() {
  const std::string& id = node_options_.ids.front();
  SimulatedNode& node = *nodes_.back();
  for (int round = 0; round < kLockRoundsMax; ++round) {
    if (!node.CopyOf(id) || node.GetsLock(id, Now())) return differs_;
    Advance(10'000);
    RETURN_IF_ERROR(QuietRound());
  }
  return absl::DataLossError("MergedNotLost is broken: " + node.name() +
                             " never gets the lock of " + id);
}

}  // namespace sessionhub::simulation
