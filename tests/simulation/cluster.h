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
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/hub_clock.h"
#include "hub/store/memory_store.h"
#include "tests/simulation/lock_watch.h"
#include "tests/simulation/reference_model.h"
#include "tests/simulation/sights.h"
#include "tests/simulation/simulated_hub.h"
#include "tests/simulation/simulated_node.h"
#include "tests/support/guarantees.h"
#include "tests/support/seed.h"

namespace sessionhub::simulation {

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
  Sights counts() const { return model_->counts(); }

 private:
  // One connection. Each end may be gone while frames of the other are still on their way.
  struct Connection {
    size_t node = 0;
    bool heard = false;  // the hub has had a frame of it
    bool lost = false;   // nothing arrives any more, and neither end is told
    bool node_end = true;
    std::unique_ptr<HubStream> hub_end;
    std::deque<std::string> to_hub;
    struct Frame {
      std::string bytes;
      client::Time said_at;
    };
    std::deque<Frame> to_node;
  };

  // What a restore gives back, and what was known when it was taken.
  struct StoreCopy {
    std::unique_ptr<hub::MemoryStore> store;
    testing::Ledger ledger;
    std::set<SessionNumber> ended_seen;
    testing::Converged converged;
    LockWatch lock_watch;
    std::chrono::microseconds up_time{0};
    std::unique_ptr<ReferenceModel> model;
  };

  client::Time Now() const {
    return client::Time() + std::chrono::microseconds(steady_us_ - start_us_);
  }
  uint64_t WallUs() const { return steady_us_ + static_cast<uint64_t>(wall_ahead_us_); }
  void Advance(uint64_t us) {
    steady_us_ += us;
    now_us_ = clock_->NowUs();
  }
  void PassTime(uint64_t us_max);
  // Time in which a hub was up.
  std::chrono::microseconds UpTime() const {
    return std::chrono::microseconds(steady_us_ - start_us_ - outages_us_);
  }
  void NodeActs(size_t node);

  absl::Status StepOnce();
  absl::Status StepUsual();
  absl::Status StepNetwork();
  void StepNode();
  absl::Status StepHub();

  Connection* ConnectionOf(size_t node);
  void Connect(size_t node);
  void NodeSends(size_t node);
  // False if there is nothing to write.
  bool HubWrites(Connection* connection, size_t bytes_max);
  void NoteOrder(Connection* connection);
  void DeliverToHub(Connection* connection);
  absl::Status DeliverToNode(Connection* connection);
  void NodeLeaves(Connection* connection);
  void DropDeadConnections();

  std::unique_ptr<SimulatedNode> NewNode(size_t place);
  // Of a random shard.
  absl::Status RunTurn(size_t inputs_max);
  absl::Status RunAllShards();
  absl::Status StopHub();
  void LetOut();
  absl::Status CheckStored();
  absl::Status CheckBounds();
  absl::Status CheckEnd();
  absl::Status CheckSwept();
  absl::Status CheckGone() const;
  absl::Status CheckCounts(const testing::StoredSessions& stored) const;
  testing::StoredSessions Stored() const;
  absl::Status HealRound(bool opens = true);
  bool Quiet();
  absl::Status QuietRound();
  // Of faults_cluster.cc.
  absl::Status StepFault();
  absl::Status CrashInTurn();
  absl::Status RestartHub();
  absl::Status CrashStarting();
  absl::Status CrashInCatchUp();
  absl::Status CrashInIdChange();
  std::set<std::pair<std::string, std::string>> IdChangesOnTheirWay() const;
  void LoseHub();
  absl::Status CrashHub();
  void StartHub();
  void CrashNode();
  void CutNode();
  absl::Status StopNode();
  void StepWallClock();
  void LetTimePass();
  void FailDisk(const absl::Status& failure);
  bool NoticesLoss(const Connection& connection);
  void EndLostConnections();
  void SetGrowthWaits(bool waits);
  // Of restore_cluster.cc.
  absl::Status CopyStore();
  absl::Status RestoreCopy();
  void NoteRestored(const testing::StoredSessions& stored, size_t place);
  // Of life_cluster.cc.
  absl::Status CheckExpired();
  absl::Status CheckEnded();
  absl::Status UseAgain(const std::string& id);
  absl::Status CheckReadKeepsAlive();
  absl::Status CheckIdleEnd();
  absl::Status CheckLocks();
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
  uint64_t steady_us_ = start_us_;  // the clock of every machine, which only goes on
  int64_t wall_ahead_us_ = 0;
  std::unique_ptr<hub::HubClock> clock_;
  uint64_t now_us_ = start_us_;  // hub time
  HistoryId history_{7};
  std::unique_ptr<hub::MemoryStore> store_;
  std::unique_ptr<StoreCopy> copy_;
  testing::Ledger ledger_;
  std::vector<std::chrono::microseconds> committed_at_;  // up-time, one for each of the ledger
  uint64_t outages_us_ = 0;
  uint64_t expired_seen_ = 0;           // of this hub's life
  std::set<SessionNumber> ended_seen_;  // by themselves, or else by a delta of the ledger
  testing::Witnesses witnesses_;
  std::map<HistoryId, testing::Converged> converged_;
  LockWatch lock_watch_;
  std::unique_ptr<ReferenceModel> model_;  // nullptr: not of every kind
  absl::Status differs_;                   // from it
  std::unique_ptr<SimulatedHub> hub_;
  std::vector<std::unique_ptr<SimulatedNode>> nodes_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::optional<size_t> stopped_;  // a node that stands still
  bool growth_waits_ = false;      // the disk is full
  bool disk_fails_ = false;        // the next write or sync fails
  uint64_t lives_ = 0;
  uint64_t copies_ahead_ = 0;
  Sights sights_;
};

}  // namespace sessionhub::simulation

#endif  // TESTS_SIMULATION_CLUSTER_H_
