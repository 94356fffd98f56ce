// Cluster: a hub, its store, several nodes and the network between them, in one thread, from one
// seed. Everything that the seed decides happens in Run; Heal then lets everything arrive.
#ifndef TESTS_SIMULATION_CLUSTER_H_
#define TESTS_SIMULATION_CLUSTER_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/store/memory_store.h"
#include "tests/simulation/reference_model.h"
#include "tests/simulation/simulated_hub.h"
#include "tests/simulation/simulated_node.h"
#include "tests/support/guarantees.h"
#include "tests/support/seed.h"

namespace sessionhub::simulation {

// What a run has seen; a simulation that meets no faults proves nothing.
struct Sights {
  uint64_t commits_applied = 0;
  uint64_t commits_refused = 0;
  uint64_t commits_unknown = 0;
  uint64_t hub_crashes = 0;
  uint64_t hub_restarts = 0;
  uint64_t node_crashes = 0;
  uint64_t cuts = 0;
  uint64_t lapses = 0;
  uint64_t large_catch_ups = 0;
  uint64_t sessions = 0;
  uint64_t sessions_deleted = 0;
  uint64_t sessions_expired = 0;
  uint64_t touches = 0;
  uint64_t outages = 0;  // of some length
  uint64_t full_disks = 0;
  uint64_t losses = 0;    // of connections, told to neither end
  uint64_t horizons = 0;  // passed while somebody was away
};

class Cluster {
 public:
  // With `every_kind`, three nodes that use everything there is, judged by a ReferenceModel.
  explicit Cluster(testing::Random* random, bool every_kind = false);
  ~Cluster();

  // `steps` random events, faults among them. The first broken promise is the error.
  absl::Status Run(int steps);
  // No more faults and no more changes: everything arrives. Then checks every promise.
  absl::Status Heal();

  Sights sights() const;
  // How often each kind of thing happened; of every kind only.
  ReferenceModel::Counts counts() const { return model_->counts(); }

 private:
  // One connection. Each end may be gone while frames of the other are still on their way.
  struct Connection {
    size_t node = 0;
    bool lost = false;  // nothing arrives any more, and neither end is told
    bool node_end = true;
    std::unique_ptr<HubStream> hub_end;
    std::deque<std::string> to_hub;
    struct Frame {
      std::string bytes;
      uint64_t said_at_us = 0;
    };
    std::deque<Frame> to_node;
  };

  client::Time Now() const {
    return client::Time() + std::chrono::microseconds(now_us_ - start_us_);
  }
  void PassTime(uint64_t us_max);
  // Time in which a hub was up.
  std::chrono::microseconds UpTime() const {
    return std::chrono::microseconds(now_us_ - start_us_ - outages_us_);
  }
  void NodeActs(size_t node);

  absl::Status StepOnce();
  absl::Status StepNetwork();
  void StepNode();
  absl::Status StepHub();

  Connection* ConnectionOf(size_t node);
  void Connect(size_t node);
  void NodeSends(size_t node);
  // False if there is nothing to write.
  bool HubWrites(Connection* connection, size_t bytes_max);
  void DeliverToHub(Connection* connection);
  absl::Status DeliverToNode(Connection* connection);
  void NodeLeaves(Connection* connection);
  void DropDeadConnections();

  std::unique_ptr<SimulatedNode> NewNode(size_t place);
  // Of a random shard.
  absl::Status RunTurn(size_t inputs_max);
  absl::Status RunAllShards();
  absl::Status StopHub();
  absl::Status CheckStored();
  absl::Status CheckBounds();
  absl::Status CheckEnd();
  absl::Status CheckSwept();
  absl::Status CheckGone() const;
  testing::StoredSessions Stored() const;
  absl::Status HealRound(bool opens = true);
  bool Quiet();
  absl::Status QuietRound();
  // Of faults_cluster.cc.
  absl::Status StepFault();
  absl::Status RestartHub();
  absl::Status CrashHub();
  void StartHub();
  void FailDisk(const absl::Status& failure);
  bool NoticesLoss(const Connection& connection);
  void EndLostConnections();
  void SetGrowthWaits(bool waits);
  // Of life_cluster.cc.
  absl::Status CheckExpired();
  absl::Status CheckReadKeepsAlive();
  absl::Status CheckIdleEnd();
  absl::StatusOr<std::map<SessionNumber, uint64_t>> IdleTimeouts() const;
  // Of semantics_cluster.cc.
  void UseEveryKind();
  absl::Status AfterTurn();
  absl::Status CheckDelivered(size_t node);
  bool QuietByNames() const;
  absl::Status CheckNames();
  absl::Status CheckInterest();
  std::vector<uint64_t> Attaches() const;
  absl::Status Settle();
  absl::Status CheckInterestIn(SessionNumber session, const std::string& id, size_t writer);

  testing::Random& random_;
  HubOptions hub_options_;
  NodeOptions node_options_;
  const uint64_t start_us_ = 1'000'000'000'000;
  uint64_t now_us_ = start_us_;
  const std::unique_ptr<hub::MemoryStore> store_;
  testing::Ledger ledger_;
  std::vector<std::chrono::microseconds> committed_at_;  // up-time, one for each of the ledger
  uint64_t outages_us_ = 0;
  uint64_t expired_seen_ = 0;           // of this hub's life
  std::set<SessionNumber> ended_seen_;  // by themselves, or else by a delta of the ledger
  testing::Witnesses witnesses_;
  testing::Converged converged_;
  std::unique_ptr<ReferenceModel> model_;  // nullptr: not of every kind
  absl::Status differs_;                   // from it
  std::unique_ptr<SimulatedHub> hub_;
  std::vector<std::unique_ptr<SimulatedNode>> nodes_;
  std::vector<std::unique_ptr<Connection>> connections_;
  bool growth_waits_ = false;  // the disk is full
  bool disk_fails_ = false;    // the next write or sync fails
  uint64_t lives_ = 0;
  uint64_t copies_ahead_ = 0;
  Sights sights_;
};

}  // namespace sessionhub::simulation

#endif  // TESTS_SIMULATION_CLUSTER_H_
