// The Cluster's part on copies of the store, and on hubs that are given an older one.
#include <algorithm>

#include "proto/session/status_macros.h"
#include "tests/simulation/cluster.h"
#include "tests/support/paths.h"

namespace sessionhub::simulation {

using testing::OneIn;
using testing::P;
using testing::Write;

absl::Status Cluster::CopyStore() {
  // Kept with it: what was known then, which is what is to be known after the restore.
  copy_ = std::make_unique<StoreCopy>();
  copy_->store = store_->CopySynced(history_);
  copy_->ledger = ledger_;
  copy_->ended_seen = ended_seen_;
  copy_->converged = converged_[history_];
  copy_->lock_watch = lock_watch_;
  copy_->up_time = UpTime();
  if (model_) copy_->model = std::make_unique<ReferenceModel>(*model_);
  ++sights_["copies of the store"];
  return absl::OkStatus();
}

// The hub is stopped, and another one started on the copy, whose history has a new name.
absl::Status Cluster::RestoreCopy() {
  if (OneIn(random_, 2)) hub_->Drain();
  LetOut();
  LoseHub();
  ++sights_["restores"];
  history_[0] = static_cast<uint8_t>(history_[0] + 1);
  store_ = copy_->store->CopySynced(history_);
  FailDisk(absl::OkStatus());
  // What was served since the copy was taken has not been served.
  outages_us_ += static_cast<uint64_t>((UpTime() - copy_->up_time).count());
  ended_seen_ = copy_->ended_seen;
  converged_[history_] = copy_->converged;
  lock_watch_ = copy_->lock_watch;
  if (model_) model_->GoBackTo(*copy_->model, &converged_[history_]);
  StartHub();
  const testing::StoredSessions stored = Stored();
  for (size_t place = 0; place < ledger_.size(); ++place) NoteRestored(stored, place);
  return CheckStored();
}

// What is in the copy is kept: what was decided before it was taken, and what was on its way and is
// there. All else is lost, whatever its writer was told.
void Cluster::NoteRestored(const testing::StoredSessions& stored, size_t place) {
  Write& write = ledger_[place];
  if (write.restored == Write::Restored::kLost) return;
  bool kept = false;
  const auto session = stored.find(write.session);
  if (place < copy_->ledger.size()) {
    const Write::Outcome outcome = copy_->ledger[place].outcome;
    const bool decided = outcome == Write::Outcome::kApplied || outcome == Write::Outcome::kRefused;
    const bool lives = session != stored.end() && !session->second.dead;
    const bool there = lives && session->second.state.fields.contains(P("mark/" + write.Name()));
    kept = decided || !lives || (!write.deletes && there);
  }
  if (!kept && write.outcome == Write::Outcome::kApplied)
    ++sights_["acked commits lost by restores"];
  if (kept) ++sights_["commits kept by restores"];
  write.restored = kept ? Write::Restored::kKept : Write::Restored::kLost;
  if (!kept || session == stored.end()) return;
  write.kept_through = session->second.state.version;
  write.version = std::min(write.version, write.kept_through);
}

}  // namespace sessionhub::simulation
