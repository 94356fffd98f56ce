// The Cluster's part on faults: crashes, restarts, cuts, disks that fill, time that jumps.
#include "proto/session/status_macros.h"
#include "tests/simulation/cluster.h"

namespace sessionhub::simulation {

using testing::Below;
using testing::OneIn;

absl::Status Cluster::StepFault() {
  switch (Below(random_, 10)) {
    case 0:  // between turns
      return CrashHub();
    case 1:  // before the sync, or in it
      FailDisk(absl::InternalError("the disk is gone"));
      return RunTurn(100);
    case 2:  // after the sync, before anything is let out
      for (auto& connection : connections_) {
        if (connection->hub_end) connection->hub_end->DropOutbox();
      }
      RETURN_IF_ERROR(RunTurn(100));
      return CrashHub();
    case 3:
      return RestartHub();
    case 4: {
      const size_t node = Below(random_, nodes_.size());
      if (Connection* connection = ConnectionOf(node)) connection->node_end = false;
      nodes_[node] = NewNode(node);
      ++sights_.node_crashes;
      return absl::OkStatus();
    }
    case 5:  // long enough for leases to end
      now_us_ += hub_options_.lease_us / 2 + Below(random_, hub_options_.lease_us);
      if (OneIn(random_, 3)) {  // or for those away to be forgotten
        now_us_ += hub_options_.resend_horizon_us;
        ++sights_.horizons;
      }
      hub_->Tick();
      return absl::OkStatus();
    case 6:
      SetGrowthWaits(!growth_waits_);
      return absl::OkStatus();
    case 7:
      if (connections_.empty()) return absl::OkStatus();
      connections_[Below(random_, connections_.size())]->lost = true;
      ++sights_.losses;
      return absl::OkStatus();
    default: {
      const size_t node = Below(random_, nodes_.size());
      if (Connection* connection = ConnectionOf(node)) NodeLeaves(connection);
      ++sights_.cuts;
      return absl::OkStatus();
    }
  }
}

absl::Status Cluster::RestartHub() {
  hub_->Drain();
  ++sights_.hub_restarts;
  --sights_.hub_crashes;
  return StopHub();
}

// Everything in memory is lost, and everything that is not synced.
absl::Status Cluster::CrashHub() {
  for (auto& connection : connections_) {
    connection->hub_end.reset();
    connection->to_hub.clear();
  }
  sights_.lapses += hub_->lapses();
  sights_.large_catch_ups += hub_->large_catch_ups();
  sights_.sessions_expired += hub_->sessions_expired();
  sights_.touches += hub_->touches();
  copies_ahead_ += hub_->copies_ahead();
  hub_.reset();
  // Of what was not synced, the beginning may be there. (The model is not shown a turn that
  // failed.)
  store_->Crash((model_ && disk_fails_) || OneIn(random_, 2) ? 0 : Below(random_, 8));
  FailDisk(absl::OkStatus());
  if (model_) model_->HubGone();
  ++sights_.hub_crashes;
  if (OneIn(random_, 4)) {  // it stays away for a while
    const uint64_t outage_us = Below(random_, 60'000'000);
    now_us_ += outage_us;
    outages_us_ += outage_us;
    ++sights_.outages;
  }
  StartHub();
  return CheckStored();
}

// From the next write or sync on.
void Cluster::FailDisk(const absl::Status& failure) {
  disk_fails_ = !failure.ok();
  const bool writes = OneIn(random_, 2);
  if (failure.ok() || writes) store_->FailApplies(failure);
  if (failure.ok() || !writes) store_->FailSyncs(failure);
}

void Cluster::StartHub() {
  hub_ = std::make_unique<SimulatedHub>(hub_options_, store_.get(), &now_us_);
  hub_->SetGrowthWaits(growth_waits_);
  expired_seen_ = 0;
}

// Each end by itself, after it has heard nothing for a while.
bool Cluster::NoticesLoss(const Connection& connection) {
  return connection.lost && OneIn(random_, 20);
}

void Cluster::EndLostConnections() {
  for (auto& connection : connections_) {
    if (!connection->lost) continue;
    if (connection->node_end) NodeLeaves(connection.get());
    if (connection->hub_end) connection->hub_end->PeerLeft();
    connection->hub_end.reset();
  }
  DropDeadConnections();
}

void Cluster::SetGrowthWaits(bool waits) {
  if (waits && !growth_waits_) ++sights_.full_disks;
  if (model_) model_->SetDiskFull(waits);
  growth_waits_ = waits;
  hub_->SetGrowthWaits(waits);
  for (auto& connection : connections_) {
    if (connection->hub_end) connection->hub_end->Pump();
  }
}

}  // namespace sessionhub::simulation
