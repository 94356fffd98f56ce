#include "bench/demo/kills.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

// With the hub stopped, nodes are quiet when they print nothing for this long: every user then
// waits.
constexpr std::chrono::milliseconds kQuiet{30};

}  // namespace

std::vector<uint64_t> PlanKills(size_t kills, uint64_t requests, std::mt19937_64* random) {
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<uint64_t> due;
  for (size_t i = 0; i < kills; ++i) {
    const double place = (static_cast<double>(i) + uniform(*random)) / static_cast<double>(kills);
    due.push_back(static_cast<uint64_t>(static_cast<double>(requests) * (0.05 + 0.85 * place)));
  }
  return due;
}

NodeKiller::NodeKiller(size_t kills, uint64_t requests, uint64_t seed, Fleet* fleet,
                       std::vector<Kill>* done)
    : fleet_(fleet), random_(seed), due_(PlanKills(kills, requests, &random_)), done_(*done) {}

absl::Status NodeKiller::OnTurn(Traffic* traffic) {
  if (done_.size() == due_.size() || traffic->finished() < due_[done_.size()]) {
    return absl::OkStatus();
  }
  std::vector<size_t> nodes(traffic->nodes_used());
  std::iota(nodes.begin(), nodes.end(), size_t{0});
  std::shuffle(nodes.begin(), nodes.end(), random_);
  for (const size_t node : nodes) {
    if (traffic->CountOutstanding(node) > 0) return TryKill(node, traffic);
  }
  return absl::OkStatus();
}

absl::Status NodeKiller::TryKill(size_t node, Traffic* traffic) {
  ASSIGN_OR_RETURN(const std::vector<CommitEvent> log, fleet_->Freeze(node));
  const size_t unacked = CountUnanswered(log);
  if (unacked == 0) {
    fleet_->Thaw(node);
    return absl::OkStatus();
  }
  done_.push_back({.unacked = unacked});
  RETURN_IF_ERROR(fleet_->Kill(node));
  traffic->NodeKilled(node, log);
  return fleet_->Restart(node);
}

HubKiller::HubKiller(size_t kills, uint64_t requests, uint64_t seed, Fleet* fleet, HubProcess* hub,
                     std::vector<Kill>* done)
    : fleet_(fleet),
      hub_(hub),
      random_(seed),
      due_(PlanKills(kills, requests, &random_)),
      done_(*done) {}

absl::Status HubKiller::OnTurn(Traffic* traffic) {
  RETURN_IF_ERROR(hub_->CheckRunning());
  if (waiting_ || done_.size() == due_.size() || traffic->finished() < due_[done_.size()]) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(hub_->Freeze());
  bool any = true;
  while (any) {
    ASSIGN_OR_RETURN(any, fleet_->Pump(kQuiet));
  }
  ASSIGN_OR_RETURN(const size_t unacked, CountUnacked());
  if (unacked == 0) {
    hub_->Thaw();
    return absl::OkStatus();
  }
  done_.push_back({.unacked = unacked});
  waiting_ = true;
  killed_at_us_ = MonotonicMicros();
  hub_->Kill();
  return hub_->Start();
}

void HubKiller::OnEvent(const CommitEvent& event) {
  if (!waiting_ || event.kind != CommitEvent::Kind::kAcked || event.time_us < killed_at_us_) return;
  waiting_ = false;
  done_.back().first_ack_ms = static_cast<double>(event.time_us - killed_at_us_) / 1000.0;
}

absl::StatusOr<size_t> HubKiller::CountUnacked() const {
  size_t unacked = 0;
  for (size_t node = 0; node < fleet_->size(); ++node) {
    ASSIGN_OR_RETURN(const std::vector<CommitEvent> log, fleet_->ReadLog(node));
    unacked += CountUnanswered(log);
  }
  return unacked;
}

}  // namespace sessionhub::bench
