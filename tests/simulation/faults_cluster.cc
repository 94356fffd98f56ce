// The Cluster's part on faults: crashes, restarts, cuts, disks that fill, nodes that stop, clocks
// that jump.
#include <set>
#include <utility>

#include "proto/session/status_macros.h"
#include "tests/simulation/cluster.h"

namespace sessionhub::simulation {
namespace {

using testing::Below;
using testing::OneIn;

constexpr uint64_t kHourUs = 3'600'000'000;
// In which what is looked for comes up, or does not.
constexpr int kSearchSteps = 150;
// The first step of an id change is over within a turn or two, so it takes several to meet one.
constexpr int kIdChangeSteps = 450;

}  // namespace

absl::Status Cluster::StepFault() {
  switch (Below(random_, 16)) {
    case 0:
      return CrashInTurn();
    case 1:
      return CrashHub();
    case 2:
      return RestartHub();
    case 3:
      return CrashStarting();
    case 4:
      return CrashInCatchUp();
    case 5:
      return model_ ? CrashInIdChange() : CrashInTurn();
    case 6:
      return copy_ && !OneIn(random_, 3) ? RestoreCopy() : CopyStore();
    case 7:
      CrashNode();
      return absl::OkStatus();
    case 8:
      return StopNode();
    case 9:
      StepWallClock();
      return absl::OkStatus();
    case 10:
      LetTimePass();
      return absl::OkStatus();
    case 11:
      SetGrowthWaits(!growth_waits_);
      return absl::OkStatus();
    case 12:
      if (connections_.empty()) return absl::OkStatus();
      connections_[Below(random_, connections_.size())]->lost = true;
      ++sights_["lost connections"];
      return absl::OkStatus();
    default:
      CutNode();
      return absl::OkStatus();
  }
}

// ---- the hub ----

absl::Status Cluster::CrashInTurn() {
  if (OneIn(random_, 2)) {  // before the sync, or in it
    FailDisk(absl::InternalError("the disk is gone"));
    return RunTurn(100);
  }
  for (auto& connection : connections_) {  // after the sync, before anything is let out
    if (connection->hub_end) connection->hub_end->DropOutbox();
  }
  RETURN_IF_ERROR(RunTurn(100));
  return CrashHub();
}

absl::Status Cluster::RestartHub() {
  hub_->Drain();
  ++sights_["hub restarts"];
  --sights_["hub crashes"];
  return StopHub();
}

// A hub that has done next to nothing dies, again and again.
absl::Status Cluster::CrashStarting() {
  RETURN_IF_ERROR(CrashHub());
  for (uint64_t more = Below(random_, 4); more > 0; --more) {
    for (uint64_t steps = Below(random_, 4); steps > 0; --steps) RETURN_IF_ERROR(StepUsual());
    if (OneIn(random_, 2)) hub_->Tick();
    if (OneIn(random_, 2)) RETURN_IF_ERROR(RunTurn(100));
    ++sights_["hub crashes at a start"];
    RETURN_IF_ERROR(CrashHub());
  }
  return absl::OkStatus();
}

absl::Status Cluster::CrashInCatchUp() {
  for (int step = 0; step < kSearchSteps && hub_->reads() == 0; ++step) {
    PassTime(5'000);
    RETURN_IF_ERROR(StepUsual());
  }
  return CrashHub();
}

// Which ids are in the middle of a change, and how far.
std::set<std::pair<std::string, std::string>> Cluster::IdChangesOnTheirWay() const {
  std::set<std::pair<std::string, std::string>> found;
  const auto names = store_->ListNames(1, std::nullopt, 1000);
  hub::ReadSet reads;
  for (const hub::NameEntry& entry : *names) reads.identities.push_back(entry.name.number());
  hub::Loaded loaded;
  if (!store_->Load(reads, &loaded).ok()) return found;
  for (const hub::NameEntry& entry : *names) {
    const auto& identity = loaded.identities[entry.name.number()];
    if (!identity) continue;
    const bool own = identity->id() == entry.key.id;
    if (entry.name.state() == hub::stored::Name::RESERVED) {
      found.insert({entry.key.id, own ? "made" : "reserved"});
    } else if (entry.name.state() == hub::stored::Name::LIVE && !own) {
      found.insert({entry.key.id, "not retired"});
    }
  }
  return found;
}

absl::Status Cluster::CrashInIdChange() {
  static const char* const kSteps[] = {"reserved", "made", "not retired"};
  const std::string wanted = kSteps[Below(random_, 3)];
  const auto before = IdChangesOnTheirWay();
  const size_t node = Below(random_, nodes_.size());
  for (int step = 0; step < kIdChangeSteps; ++step) {
    PassTime(5'000);
    // Only an id that is not the session's first one is retired by a step of its own.
    if (step % 50 == 0 && stopped_ != node) nodes_[node]->ChangeSomeId();
    RETURN_IF_ERROR(OneIn(random_, 2) ? RunTurn(1) : StepUsual());
    for (const auto& [id, how_far] : IdChangesOnTheirWay()) {
      if (how_far != wanted || before.contains({id, how_far})) continue;
      ++sights_["hub crashes with an id change " + how_far];
      return CrashHub();
    }
  }
  return absl::OkStatus();
}

// What is lost with the hub.
void Cluster::LoseHub() {
  for (auto& connection : connections_) {
    connection->hub_end.reset();
    connection->to_hub.clear();
  }
  if (hub_->reads() > 0) ++sights_["hub crashes in a large catch-up"];
  Add(hub_->sights(), &sights_);
  copies_ahead_ += hub_->copies_ahead();
  hub_.reset();
  if (model_) model_->HubGone();
}

// Everything in memory is lost, and everything that is not synced.
absl::Status Cluster::CrashHub() {
  LoseHub();
  // Of what was not synced, the beginning may be there. (The model is not shown a turn that
  // failed.)
  store_->Crash((model_ && disk_fails_) || OneIn(random_, 2) ? 0 : Below(random_, 8));
  FailDisk(absl::OkStatus());
  ++sights_["hub crashes"];
  if (OneIn(random_, 4)) {  // it stays away for a while
    const uint64_t outage_us = Below(random_, 60'000'000);
    steady_us_ += outage_us;
    outages_us_ += outage_us;
    ++sights_["outages"];
  }
  StartHub();
  RETURN_IF_ERROR(CheckEnded());
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
  const hub::Clocks clocks{[this] { return WallUs(); }, [this] { return steady_us_; }};
  if (*store_->LastHubTime() > WallUs()) ++sights_["starts with a wall clock set back"];
  clock_ = std::make_unique<hub::HubClock>(*store_->LastHubTime(), clocks);
  now_us_ = clock_->NowUs();
  hub_ = std::make_unique<SimulatedHub>(hub_options_, store_.get(), &now_us_);
  hub_->SetGrowthWaits(growth_waits_);
  lock_watch_.HubStarts(*store_);
  if (model_) model_->HubStarts(*store_);
  expired_seen_ = 0;
}

void Cluster::SetGrowthWaits(bool waits) {
  if (waits && !growth_waits_) ++sights_["full disks"];
  if (model_) model_->SetDiskFull(waits);
  growth_waits_ = waits;
  hub_->SetGrowthWaits(waits);
  for (auto& connection : connections_) {
    if (connection->hub_end) connection->hub_end->Pump();
  }
}

// ---- nodes and connections ----

void Cluster::CrashNode() {
  const size_t node = Below(random_, nodes_.size());
  if (Connection* connection = ConnectionOf(node)) connection->node_end = false;
  nodes_[node] = NewNode(node);
  ++sights_["node crashes"];
}

// What it has sent arrives nevertheless, before or after what it sends on its next stream.
void Cluster::CutNode() {
  const size_t node = Below(random_, nodes_.size());
  Connection* connection = ConnectionOf(node);
  ++sights_["cuts"];
  if (!connection || stopped_ == node) return;
  for (uint64_t frames = Below(random_, 4); frames > 0; --frames) {
    NodeActs(node);
    NodeSends(node);
  }
  NodeLeaves(connection);
  if (OneIn(random_, 2)) return;
  Connect(node);
  NodeSends(node);
}

// Its process stands still while everything else goes on; the hub may end its stream, and its
// lease. Then it goes on, with what has come for it meanwhile still to be read.
absl::Status Cluster::StopNode() {
  const size_t node = Below(random_, nodes_.size());
  stopped_ = node;
  const uint64_t steps = 10 + Below(random_, 40);
  const uint64_t total_us = hub_options_.lease_us / 2 + Below(random_, 3 * hub_options_.lease_us);
  for (uint64_t step = 0; step < steps; ++step) {
    PassTime(2 * total_us / steps);
    if (OneIn(random_, 8)) hub_->Tick();
    RETURN_IF_ERROR(StepUsual());
    Connection* connection = ConnectionOf(node);
    if (connection && connection->hub_end && OneIn(random_, 40)) {
      connection->hub_end->End(v1::Goodbye::SILENT, "nothing was heard from this node");
    }
  }
  stopped_.reset();
  ++sights_["stops of a node"];
  return nodes_[node]->GoOn(Now());
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

// ---- clocks ----

// No deadline moves with it: the hub's clock looks at it when it starts, and only then.
void Cluster::StepWallClock() {
  // With a model only on: it compares times of before and after a crash, and hub time goes back by
  // what was not synced if the hub then starts with a wall clock that was set back.
  const auto back_us = static_cast<int64_t>(model_ ? 0 : kHourUs);
  const auto step_us = static_cast<int64_t>(Below(random_, 2 * kHourUs)) - back_us;
  (void)clock_->LookForStep();
  wall_ahead_us_ += step_us;
  if (clock_->LookForStep() != 0) ++sights_["steps of the wall clock"];
}

// Long enough for leases to end, or for those away to be forgotten.
void Cluster::LetTimePass() {
  uint64_t us = hub_options_.lease_us / 2 + Below(random_, hub_options_.lease_us);
  if (OneIn(random_, 3)) {
    us += hub_options_.resend_horizon_us;
    ++sights_["horizons"];
  }
  Advance(us);
  hub_->Tick();
}

}  // namespace sessionhub::simulation
