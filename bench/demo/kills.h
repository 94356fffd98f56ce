// Kills: SIGKILL of a node or of the hub in mid-traffic, at seeded places, each with commits in
// flight.
//
// That commits are in flight is certain, not likely: the process is stopped first (SIGSTOP), the
// nodes' logs are read, and it is killed only if a submitted commit has no answer in them;
// otherwise it goes on and the next turn tries again.
#ifndef BENCH_DEMO_KILLS_H_
#define BENCH_DEMO_KILLS_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "absl/status/status.h"
#include "bench/demo/fleet.h"
#include "bench/demo/hub_process.h"
#include "bench/demo/traffic.h"

namespace sessionhub::bench {

struct Kill {
  size_t unacked = 0;       // submitted and not acked by the logs, at the moment of the kill
  double first_ack_ms = 0;  // of the hub only: from the kill to the next ack at any node
};

// After how many finished requests the kills are due: spread over the traffic, seeded, ascending.
std::vector<uint64_t> PlanKills(size_t kills, uint64_t requests, std::mt19937_64* random);

// Kills nodes, and starts each again under its name.
class NodeKiller : public Disturbance {
 public:
  // `done` gets each kill; it and `fleet` outlive the killer.
  NodeKiller(size_t kills, uint64_t requests, uint64_t seed, Fleet* fleet, std::vector<Kill>* done);

  absl::Status OnTurn(Traffic* traffic) override;
  void OnEvent(const CommitEvent&) override {}

 private:
  absl::Status TryKill(size_t node, Traffic* traffic);

  Fleet* const fleet_;
  std::mt19937_64 random_;
  const std::vector<uint64_t> due_;
  std::vector<Kill>& done_;
};

// Kills the hub, and starts it again on its port and data folder.
class HubKiller : public Disturbance {
 public:
  // `done` gets each kill; it, `fleet` and `hub` outlive the killer.
  HubKiller(size_t kills, uint64_t requests, uint64_t seed, Fleet* fleet, HubProcess* hub,
            std::vector<Kill>* done);

  absl::Status OnTurn(Traffic* traffic) override;
  void OnEvent(const CommitEvent& event) override;

 private:
  absl::StatusOr<size_t> CountUnacked() const;

  Fleet* const fleet_;
  HubProcess* const hub_;
  std::mt19937_64 random_;
  const std::vector<uint64_t> due_;
  std::vector<Kill>& done_;
  bool waiting_ = false;
  int64_t killed_at_us_ = 0;
};

}  // namespace sessionhub::bench

#endif  // BENCH_DEMO_KILLS_H_
