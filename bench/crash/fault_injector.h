// FaultInjector: carries out planned faults in mid-traffic, one after the other.
//
// That enough commits are in flight is certain, not likely: the hub is stopped (SIGSTOP) at
// whatever it does until nodes have taken all its answers and everybody waits for it. If it is to
// die then, it does; a hub that dies at a fail point goes on until it is there.
//
// Belongs to the orchestrator's one thread.
#ifndef BENCH_CRASH_FAULT_INJECTOR_H_
#define BENCH_CRASH_FAULT_INJECTOR_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <unordered_set>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/crash/fault.h"
#include "bench/demo/fleet.h"
#include "bench/demo/hub_process.h"
#include "bench/demo/traffic.h"

namespace sessionhub::bench {

class FaultInjector : public Disturbance {
 public:
  // The hub was started with NextFailPoint(plan, 0). `fleet`, `hub` and `done`, which gets each
  // fault that came about, outlive the injector.
  FaultInjector(std::vector<Fault> plan, size_t unacked_min, uint64_t seed, Fleet* fleet,
                HubProcess* hub, std::vector<FaultDone>* done)
      : plan_(std::move(plan)),
        unacked_min_(unacked_min),
        random_(seed),
        fleet_(fleet),
        hub_(hub),
        done_(*done) {}

  absl::Status OnTurn(Traffic* traffic) override;
  void OnEvent(const CommitEvent& event) override;
  bool done() const override { return state_ == State::kCalm && next_ == plan_.size(); }

 private:
  enum class State {
    kCalm,
    kGathering,  // the hub is stopped until everybody waits for it
    kArmed,      // the hub dies by itself, soon
    kHubStopped,
    kNodeStopped,
    kWaiting,  // for the first ack after the hub is back
    kAcked,    // that came
  };

  const Fault& fault() const { return plan_[next_]; }
  bool IsDue(const Traffic& traffic) const;
  absl::Status Begin(Traffic* traffic);
  absl::Status PumpUntilQuiet();
  absl::Status KillHub(Traffic* traffic);
  absl::Status Reopen(Traffic* traffic);
  absl::Status LookForDeath(Traffic* traffic);
  absl::Status StartHubAgain(int64_t died_at_us, Traffic* traffic);
  absl::Status LookAtStoppedHub();
  absl::StatusOr<bool> NodesAreUnavailable();
  absl::Status KillNode(Traffic* traffic);
  absl::Status StopNode(Traffic* traffic);
  absl::Status LookAtStoppedNode(Traffic* traffic);
  std::optional<size_t> ChooseBusyNode(const Traffic& traffic);
  void Over(FaultDone done, State next);

  const std::vector<Fault> plan_;
  const size_t unacked_min_;
  std::mt19937_64 random_;
  Fleet* const fleet_;
  HubProcess* const hub_;
  std::vector<FaultDone>& done_;

  State state_ = State::kCalm;
  size_t next_ = 0;
  uint64_t calm_since_ = 0;  // finished requests
  uint64_t events_ = 0;
  uint64_t events_before_ = 0;              // this turn
  std::unordered_set<uint64_t> in_flight_;  // requests, by what nodes print
  int64_t begun_us_ = 0;                    // of the fault that is not over
  size_t stopped_node_ = 0;
  uint64_t finished_at_stop_ = 0;
};

}  // namespace sessionhub::bench

#endif  // BENCH_CRASH_FAULT_INJECTOR_H_
