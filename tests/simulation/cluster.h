// Cluster: a hub, its store, several nodes and the network between them, in one thread, from one
// seed. Everything that the seed decides happens in Run; Heal then lets everything arrive.
#ifndef TESTS_SIMULATION_CLUSTER_H_
#define TESTS_SIMULATION_CLUSTER_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "hub/store/memory_store.h"
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
  uint64_t sessions = 0;
  uint64_t sessions_deleted = 0;
};

class Cluster {
 public:
  explicit Cluster(testing::Random* random);
  ~Cluster();

  // `steps` random events, faults among them. The first broken promise is the error.
  absl::Status Run(int steps);
  // No more faults and no more changes: everything arrives. Then checks every promise.
  absl::Status Heal();

  Sights sights() const;

 private:
  // One connection. Each end may be gone while frames of the other are still on their way.
  struct Connection {
    size_t node = 0;
    bool node_end = true;
    std::unique_ptr<HubStream> hub_end;
    std::deque<std::string> to_hub;
    std::deque<std::string> to_node;
  };

  client::Time Now() const {
    return client::Time() + std::chrono::microseconds(now_us_ - start_us_);
  }
  void PassTime(uint64_t us_max);

  absl::Status StepOnce();
  absl::Status StepNetwork();
  void StepNode();
  absl::Status StepHub();
  absl::Status StepFault();

  Connection* ConnectionOf(size_t node);
  void Connect(size_t node);
  void NodeSends(size_t node);
  void HubWrites(Connection* connection, size_t bytes_max);
  void DeliverToHub(Connection* connection);
  absl::Status DeliverToNode(Connection* connection);
  void NodeLeaves(Connection* connection);
  void DropDeadConnections();

  std::unique_ptr<SimulatedNode> NewNode(size_t place);
  // Of a random shard.
  absl::Status RunTurn(size_t inputs_max);
  absl::Status RunAllShards();
  absl::Status RestartHub();
  absl::Status CrashHub();
  absl::Status CheckStored();
  absl::Status CheckEnd();
  absl::Status CheckSwept();
  testing::StoredSessions Stored() const;
  absl::Status HealRound();
  bool Quiet();

  testing::Random& random_;
  HubOptions hub_options_;
  NodeOptions node_options_;
  const uint64_t start_us_ = 1'000'000'000'000;
  uint64_t now_us_ = start_us_;
  const std::unique_ptr<hub::MemoryStore> store_;
  testing::Ledger ledger_;
  testing::Converged converged_;
  std::unique_ptr<SimulatedHub> hub_;
  std::vector<std::unique_ptr<SimulatedNode>> nodes_;
  std::vector<std::unique_ptr<Connection>> connections_;
  uint64_t lives_ = 0;
  uint64_t copies_ahead_ = 0;
  Sights sights_;
};

}  // namespace sessionhub::simulation

#endif  // TESTS_SIMULATION_CLUSTER_H_
