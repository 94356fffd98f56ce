#include "bench/crash/fault_injector.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <utility>

#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

// With the hub stopped, nodes are quiet when they print nothing for this long.
constexpr std::chrono::milliseconds kNothing{20};
// Out of proportion: whatever takes this long does not happen at all.
constexpr int64_t kPatienceMicros = 60'000'000;
constexpr size_t kReopenedPerTurn = 8;
constexpr size_t kLargeBytes = 10'000;
// After a moment with too few commits in flight, the next try is this many requests later.
constexpr uint64_t kRequestsUntilNextTry = 50;

}  // namespace

absl::Status FaultInjector::OnTurn(Traffic* traffic) {
  if (state_ != State::kArmed) RETURN_IF_ERROR(hub_->CheckRunning());
  switch (state_) {
    case State::kCalm:
      if (!IsDue(*traffic)) return absl::OkStatus();
      state_ = State::kGathering;
      return hub_->Freeze();
    case State::kGathering:
      // A turn in which nobody said anything: whoever is not heard waits for the hub.
      if (events_ == std::exchange(events_before_, events_)) return Begin(traffic);
      return absl::OkStatus();
    case State::kArmed:
      return LookForDeath(traffic);
    case State::kHubStopped:
      return LookAtStoppedHub();
    case State::kNodeStopped:
      return LookAtStoppedNode(traffic);
    case State::kWaiting:
      return absl::OkStatus();
    case State::kAcked:
      state_ = State::kCalm;
      calm_since_ = traffic->finished();
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

void FaultInjector::OnEvent(const CommitEvent& event) {
  ++events_;
  if (event.kind == CommitEvent::Kind::kSubmitted) {
    in_flight_.insert(event.request);
  } else {
    in_flight_.erase(event.request);
  }
  const bool acked = event.kind == CommitEvent::Kind::kAcked;
  if (state_ == State::kWaiting && acked && event.time_us >= done_.back().again_us) {
    state_ = State::kAcked;
  }
}

bool FaultInjector::IsDue(const Traffic& traffic) const {
  return next_ < plan_.size() && traffic.finished() >= calm_since_ + fault().requests;
}

absl::Status FaultInjector::Begin(Traffic* traffic) {
  state_ = State::kCalm;
  // On its way to a fail point the hub goes on answering, and a little until a node is killed.
  const size_t answered_max = fault().fail_point.empty() ? unacked_min_ / 10 : unacked_min_ / 2;
  if (in_flight_.size() < unacked_min_ + answered_max) {
    calm_since_ = traffic->finished() - fault().requests + kRequestsUntilNextTry;
    hub_->Thaw();
    return absl::OkStatus();
  }
  begun_us_ = MonotonicMicros();
  switch (fault().kind) {
    case Fault::Kind::kKillHub:
      return KillHub(traffic);
    case Fault::Kind::kKillNode:
      hub_->Thaw();
      return KillNode(traffic);
    case Fault::Kind::kStopHub:
      state_ = State::kHubStopped;
      return absl::OkStatus();
    case Fault::Kind::kStopNode:
      hub_->Thaw();
      return StopNode(traffic);
  }
  return absl::OkStatus();
}

absl::Status FaultInjector::PumpUntilQuiet() {
  bool any = true;
  while (any) {
    ASSIGN_OR_RETURN(any, fleet_->Pump(kNothing));
  }
  return absl::OkStatus();
}

absl::Status FaultInjector::KillHub(Traffic* traffic) {
  if (!fault().fail_point.empty()) {
    if (fault().needs_catch_ups) RETURN_IF_ERROR(Reopen(traffic));
    // Before it goes on, so that none of its passes from here on is missed.
    hub_->ArmFailPoint();
    hub_->Thaw();
    state_ = State::kArmed;
    return absl::OkStatus();
  }
  const int64_t killed_at_us = MonotonicMicros();
  hub_->Kill();
  return StartHubAgain(killed_at_us, traffic);
}

// What nodes ask for reaches the hub together with the commits that wait for it.
absl::Status FaultInjector::Reopen(Traffic* traffic) {
  RETURN_IF_ERROR(
      traffic->Reopen(kReopenedPerTurn, fault().needs_large_ones ? kLargeBytes : size_t{0}));
  return PumpUntilQuiet();
}

absl::Status FaultInjector::LookForDeath(Traffic* traffic) {
  if (hub_->Running()) {
    if (MonotonicMicros() - begun_us_ > kPatienceMicros) {
      return absl::DeadlineExceededError("the hub has not come to fail point " +
                                         fault().fail_point + " in 60 s");
    }
    if (!fault().needs_catch_ups) return absl::OkStatus();
    return traffic->Reopen(kReopenedPerTurn, fault().needs_large_ones ? kLargeBytes : size_t{0});
  }
  ASSIGN_OR_RETURN(const FailPointDeath death, hub_->ReadDeath());
  if (!fault().fail_point.starts_with(death.name + ":")) {
    return absl::InternalError("the hub died at " + death.name + ", not at " + fault().fail_point);
  }
  return StartHubAgain(death.time_us, traffic);
}

absl::Status FaultInjector::StartHubAgain(int64_t died_at_us, Traffic* traffic) {
  traffic->HubKilled();
  Over({.fault = fault(), .at_us = died_at_us}, State::kWaiting);
  RETURN_IF_ERROR(hub_->Start(NextFailPoint(plan_, next_)));
  done_.back().again_us = MonotonicMicros();
  return absl::OkStatus();
}

absl::Status FaultInjector::LookAtStoppedHub() {
  const int64_t stopped_us = MonotonicMicros() - begun_us_;
  bool goes_on = stopped_us >= fault().stop_us;
  if (goes_on && fault().until_unavailable) {
    ASSIGN_OR_RETURN(goes_on, NodesAreUnavailable());
    if (!goes_on && stopped_us > kPatienceMicros) {
      return absl::DeadlineExceededError(
          "nodes still read from their copies 60 s after the hub was stopped");
    }
  }
  if (!goes_on) return absl::OkStatus();
  // The acks of a stopped hub have all been taken by now.
  RETURN_IF_ERROR(PumpUntilQuiet());
  Over({.fault = fault(), .at_us = begun_us_, .again_us = MonotonicMicros()}, State::kWaiting);
  hub_->Thaw();
  return absl::OkStatus();
}

absl::StatusOr<bool> FaultInjector::NodesAreUnavailable() {
  ASSIGN_OR_RETURN(const std::vector<std::string> answers, fleet_->AskAll("read"));
  const auto noticed = std::count(answers.begin(), answers.end(), "UNAVAILABLE");
  const auto unused = std::count(answers.begin(), answers.end(), "NOT_FOUND");
  return noticed > 0 && noticed + unused == static_cast<ptrdiff_t>(answers.size());
}

absl::Status FaultInjector::KillNode(Traffic* traffic) {
  const std::optional<size_t> node = ChooseBusyNode(*traffic);
  if (!node) return absl::OkStatus();
  FaultDone done{.fault = fault(), .at_us = MonotonicMicros()};
  RETURN_IF_ERROR(fleet_->Kill(*node));
  done.again_us = MonotonicMicros();
  ASSIGN_OR_RETURN(const std::vector<CommitEvent> log, fleet_->ReadLog(*node));
  done.unanswered = CountUnanswered(log);
  for (const CommitEvent& event : log) in_flight_.erase(event.request);
  traffic->NodeKilled(*node, log);
  Over(std::move(done), State::kAcked);
  return fleet_->Restart(*node);
}

absl::Status FaultInjector::StopNode(Traffic* traffic) {
  const std::optional<size_t> node = ChooseBusyNode(*traffic);
  if (!node) return absl::OkStatus();
  RETURN_IF_ERROR(fleet_->Freeze(*node).status());
  traffic->NodeStopped(*node);
  stopped_node_ = *node;
  finished_at_stop_ = traffic->finished();
  state_ = State::kNodeStopped;
  return absl::OkStatus();
}

absl::Status FaultInjector::LookAtStoppedNode(Traffic* traffic) {
  // Its sessions go on elsewhere, or the traffic itself finds out that nothing happens.
  const bool others_go_on = traffic->finished() > finished_at_stop_;
  if (!others_go_on || MonotonicMicros() - begun_us_ < fault().stop_us) return absl::OkStatus();
  Over({.fault = fault(), .at_us = begun_us_, .again_us = MonotonicMicros()}, State::kAcked);
  fleet_->Thaw(stopped_node_);
  traffic->NodeContinued(stopped_node_);
  return absl::OkStatus();
}

std::optional<size_t> FaultInjector::ChooseBusyNode(const Traffic& traffic) {
  std::vector<size_t> nodes(traffic.nodes_used());
  std::iota(nodes.begin(), nodes.end(), size_t{0});
  std::shuffle(nodes.begin(), nodes.end(), random_);
  const auto busy = std::find_if(nodes.begin(), nodes.end(),
                                 [&](size_t node) { return traffic.CountOutstanding(node) > 0; });
  return busy == nodes.end() ? std::nullopt : std::optional(*busy);
}

void FaultInjector::Over(FaultDone done, State next) {
  done_.push_back(std::move(done));
  ++next_;
  state_ = next;
}

}  // namespace sessionhub::bench
