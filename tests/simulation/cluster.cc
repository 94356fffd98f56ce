#include "tests/simulation/cluster.h"

#include <algorithm>
#include <set>
#include <utility>

#include "hub/record/field_value.h"
#include "proto/session/status_macros.h"

namespace sessionhub::simulation {
namespace {

using testing::Below;
using testing::OneIn;
using testing::Write;

constexpr int kHealRoundsMax = 3000;

size_t PickSize(testing::Random& random, std::initializer_list<size_t> sizes) {
  return *(sizes.begin() + Below(random, sizes.size()));
}

}  // namespace

Cluster::Cluster(testing::Random* random)
    : random_(*random), store_(hub::MemoryStore::Create(HistoryId{7})) {
  hub_options_.shards = static_cast<uint32_t>(1 + Below(random_, 3));
  hub_options_.outbox_bytes_max = PickSize(random_, {300, 1500, 1 << 20});
  hub_options_.limits.session_bytes_max = PickSize(random_, {2500, 1 << 20});
  hub_options_.limits.path_definitions_max = PickSize(random_, {4, 64, 4096});
  hub_options_.limits.in_flight_deltas_max = PickSize(random_, {2, 64});
  node_options_.near_cache_bytes_max = PickSize(random_, {600, 1 << 20});
  node_options_.deletes = !OneIn(random_, 3);
  const uint64_t sessions = 1 + Below(random_, 4);
  for (uint64_t n = 0; n < sessions; ++n) node_options_.ids.push_back("id" + std::to_string(n));
  hub_ = std::make_unique<SimulatedHub>(hub_options_, store_.get(), &now_us_);
  const size_t nodes = 2 + Below(random_, 4);
  for (size_t place = 0; place < nodes; ++place) nodes_.push_back(NewNode(place));
}

Cluster::~Cluster() {
  connections_.clear();  // before the hub that they speak to
}

std::unique_ptr<SimulatedNode> Cluster::NewNode(size_t place) {
  NodeOptions options = node_options_;
  options.name = "node" + std::to_string(place);
  options.life = "w" + std::to_string(++lives_);
  return std::make_unique<SimulatedNode>(options, &random_, &ledger_);
}

void Cluster::PassTime(uint64_t us_max) {
  now_us_ += Below(random_, us_max) + 1;
  for (auto& node : nodes_) node->Tick(Now());
}

// ---- random events ----

absl::Status Cluster::Run(int steps) {
  for (int step = 0; step < steps; ++step) {
    PassTime(5'000);
    RETURN_IF_ERROR(StepOnce());
    DropDeadConnections();
  }
  return absl::OkStatus();
}

absl::Status Cluster::StepOnce() {
  const uint64_t dice = Below(random_, 1000);
  if (dice < 200) {
    nodes_[Below(random_, nodes_.size())]->Act(Now());
  } else if (dice < 420) {
    StepNode();
  } else if (dice < 700) {
    return StepNetwork();
  } else if (dice < 988) {
    return StepHub();
  } else {
    return StepFault();
  }
  return absl::OkStatus();
}

void Cluster::StepNode() {
  const size_t node = Below(random_, nodes_.size());
  if (nodes_[node]->banished()) {
    nodes_[node] = NewNode(node);
    return;
  }
  if (Connection* connection = ConnectionOf(node)) {
    if (nodes_[node]->wants_reconnect()) return NodeLeaves(connection);
    NodeSends(node);
  } else if (OneIn(random_, 3)) {
    Connect(node);
  }
}

absl::Status Cluster::StepNetwork() {
  if (connections_.empty()) return absl::OkStatus();
  Connection* connection = connections_[Below(random_, connections_.size())].get();
  if (OneIn(random_, 2)) {
    DeliverToHub(connection);
    return absl::OkStatus();
  }
  return DeliverToNode(connection);
}

absl::Status Cluster::StepHub() {
  if (OneIn(random_, 2)) return RunTurn(PickSize(random_, {1, 4, 100}));
  if (OneIn(random_, 30)) hub_->Tick();
  if (connections_.empty()) return absl::OkStatus();
  HubWrites(connections_[Below(random_, connections_.size())].get(),
            PickSize(random_, {1, 200, 64 << 10}));
  return absl::OkStatus();
}

absl::Status Cluster::StepFault() {
  switch (Below(random_, 8)) {
    case 0:  // between turns
      return CrashHub();
    case 1:  // before the sync
      store_->FailApplies(absl::InternalError("the disk is gone"));
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
      hub_->Tick();
      return absl::OkStatus();
    default: {
      const size_t node = Below(random_, nodes_.size());
      if (Connection* connection = ConnectionOf(node)) NodeLeaves(connection);
      ++sights_.cuts;
      return absl::OkStatus();
    }
  }
}

// ---- the network ----

Cluster::Connection* Cluster::ConnectionOf(size_t node) {
  for (auto& connection : connections_) {
    if (connection->node == node && connection->node_end) return connection.get();
  }
  return nullptr;
}

void Cluster::Connect(size_t node) {
  auto connection = std::make_unique<Connection>();
  connection->node = node;
  connection->hub_end = hub_->Accept();
  connections_.push_back(std::move(connection));
  nodes_[node]->StreamUp(Now());
}

void Cluster::NodeSends(size_t node) {
  Connection* connection = ConnectionOf(node);
  if (!connection) return;
  if (auto frame = nodes_[node]->TakeFrame(Now())) connection->to_hub.push_back(*frame);
}

void Cluster::HubWrites(Connection* connection, size_t bytes_max) {
  if (!connection->hub_end) return;
  if (auto frame = connection->hub_end->TakeFrame(bytes_max)) connection->to_node.push_back(*frame);
  if (connection->hub_end->ended()) connection->hub_end.reset();
}

// What a node has sent arrives even after it has gone; that it has gone is known last.
void Cluster::DeliverToHub(Connection* connection) {
  if (!connection->hub_end) return;
  if (!connection->to_hub.empty()) {
    if (!connection->hub_end->reads()) return;
    connection->hub_end->Receive(connection->to_hub.front());
    connection->to_hub.pop_front();
  } else if (!connection->node_end) {
    connection->hub_end->PeerLeft();
    connection->hub_end.reset();
  }
}

absl::Status Cluster::DeliverToNode(Connection* connection) {
  if (!connection->node_end) return absl::OkStatus();
  SimulatedNode& node = *nodes_[connection->node];
  if (!connection->to_node.empty()) {
    RETURN_IF_ERROR(node.Receive(connection->to_node.front(), Now()));
    connection->to_node.pop_front();
    return node.CheckCopies(&converged_);
  }
  if (!connection->hub_end) NodeLeaves(connection);
  return absl::OkStatus();
}

void Cluster::NodeLeaves(Connection* connection) {
  connection->node_end = false;
  connection->to_node.clear();
  nodes_[connection->node]->StreamDown();
}

void Cluster::DropDeadConnections() {
  std::erase_if(connections_, [](const auto& connection) {
    return !connection->node_end && !connection->hub_end;
  });
}

// ---- the hub ----

absl::Status Cluster::RunTurn(size_t inputs_max) {
  const auto shard = static_cast<uint32_t>(Below(random_, hub_->shards()));
  return hub_->RunTurn(shard, inputs_max) ? absl::OkStatus() : CrashHub();
}

absl::Status Cluster::RunAllShards() {
  for (uint32_t shard = 0; shard < hub_options_.shards; ++shard) {
    if (!hub_->RunTurn(shard, 1000)) return CrashHub();
  }
  return absl::OkStatus();
}

absl::Status Cluster::RestartHub() {
  hub_->Drain();
  for (auto& connection : connections_) {
    while (connection->hub_end) {
      const size_t before = connection->to_node.size();
      HubWrites(connection.get(), 64 << 10);
      if (connection->hub_end && connection->to_node.size() == before) break;
    }
  }
  ++sights_.hub_restarts;
  --sights_.hub_crashes;
  return CrashHub();
}

// Everything in memory is lost, and everything that is not synced.
absl::Status Cluster::CrashHub() {
  for (auto& connection : connections_) {
    connection->hub_end.reset();
    connection->to_hub.clear();
  }
  sights_.lapses += hub_->lapses();
  copies_ahead_ += hub_->copies_ahead();
  hub_.reset();
  store_->FailApplies(absl::OkStatus());
  store_->Crash(0);
  ++sights_.hub_crashes;
  hub_ = std::make_unique<SimulatedHub>(hub_options_, store_.get(), &now_us_);
  return CheckStored();
}

// ---- the end ----

absl::Status Cluster::HealRound() {
  PassTime(50'000);
  for (size_t node = 0; node < nodes_.size(); ++node) {
    if (nodes_[node]->banished()) nodes_[node] = NewNode(node);
    Connection* connection = ConnectionOf(node);
    if (connection && nodes_[node]->wants_reconnect()) NodeLeaves(connection);
    if (!ConnectionOf(node)) Connect(node);
    nodes_[node]->OpenAll(Now());
    NodeSends(node);
  }
  for (auto& connection : connections_) {
    do DeliverToHub(connection.get());
    while (connection->hub_end && connection->hub_end->reads() && !connection->to_hub.empty());
  }
  RETURN_IF_ERROR(RunAllShards());
  for (auto& connection : connections_) {
    HubWrites(connection.get(), 64 << 10);
    do RETURN_IF_ERROR(DeliverToNode(connection.get()));
    while (connection->node_end && !connection->to_node.empty());
  }
  DropDeadConnections();
  return absl::OkStatus();
}

bool Cluster::Quiet() {
  if (!std::all_of(nodes_.begin(), nodes_.end(), [](auto& node) { return node->quiet(); })) {
    return false;
  }
  const testing::StoredSessions stored = Stored();
  for (auto& node : nodes_) {
    for (const std::string& id : node_options_.ids) {
      const auto copy = node->CopyOf(id);
      if (!copy || stored.at(copy->number).state.version != copy->state.version) return false;
    }
  }
  return true;
}

absl::Status Cluster::Heal() {
  for (int round = 0; round < kHealRoundsMax; ++round) {
    RETURN_IF_ERROR(HealRound());
    if (Quiet()) return CheckEnd();
  }
  return absl::DataLossError("Resumable is broken: without faults, nodes do not catch up in " +
                             std::to_string(kHealRoundsMax) + " rounds");
}

absl::Status Cluster::CheckEnd() {
  RETURN_IF_ERROR(CheckStored());
  for (const Write& write : ledger_) {
    if (write.outcome == Write::Outcome::kOpen) {
      return absl::DataLossError("Resumable is broken: delta " + write.Name() + " has no answer");
    }
  }
  for (auto& node : nodes_) RETURN_IF_ERROR(node->CheckCopies(&converged_));
  const uint64_t ahead = copies_ahead_ + hub_->copies_ahead();
  if (ahead > 0) return absl::DataLossError("Durable is broken: copies are ahead of the hub");
  return CheckSwept();
}

absl::Status Cluster::CheckStored() {
  const testing::StoredSessions stored = Stored();
  RETURN_IF_ERROR(testing::Durable(ledger_, stored));
  RETURN_IF_ERROR(testing::Ordered(ledger_));
  RETURN_IF_ERROR(testing::Once(ledger_, stored));
  RETURN_IF_ERROR(testing::NoResurrection(ledger_, stored));
  RETURN_IF_ERROR(testing::MergedNotLost(ledger_, stored));
  for (const auto& [number, session] : stored) {
    if (!session.dead) RETURN_IF_ERROR(converged_.Check(number, session.state, "the store"));
  }
  return absl::OkStatus();
}

// Once the resend horizon has passed, nothing is left of the dead.
absl::Status Cluster::CheckSwept() {
  for (int tick = 0; tick < 10; ++tick) {
    now_us_ += tick == 5 ? hub_options_.resend_horizon_us : 1'000'000;
    hub_->Tick();
    RETURN_IF_ERROR(RunAllShards());
  }
  for (const auto& [number, session] : Stored()) {
    if (session.dead) {
      return absl::DataLossError("Bounded is broken: dead session " + std::to_string(number) +
                                 " is still stored past the resend horizon");
    }
  }
  return absl::OkStatus();
}

testing::StoredSessions Cluster::Stored() const {
  std::set<SessionNumber> numbers;
  for (const Write& write : ledger_) numbers.insert(write.session);
  const auto names = store_->ListNames(1, std::nullopt, 1000);
  for (const hub::NameEntry& entry : *names) numbers.insert(entry.name.number());
  hub::ReadSet reads;
  reads.metas.assign(numbers.begin(), numbers.end());
  hub::Loaded loaded;
  testing::StoredSessions stored;
  if (!store_->Load(reads, &loaded).ok()) return stored;
  for (const auto& [number, meta] : loaded.metas) {
    if (!meta) continue;
    testing::StoredSession& session = stored[number];
    session.dead = meta->dead();
    session.state.version = meta->version();
    (void)store_
        ->ScanFields(number,
                     [&](const Path& path, const hub::stored::Field& field) {
                       session.state.fields[path] = hub::ValueOf(field);
                       return true;
                     })
        .ok();
  }
  return stored;
}

Sights Cluster::sights() const {
  Sights sights = sights_;
  sights.lapses += hub_->lapses();
  std::set<SessionNumber> sessions;
  for (const Write& write : ledger_) {
    sessions.insert(write.session);
    if (write.outcome == Write::Outcome::kApplied) ++sights.commits_applied;
    if (write.outcome == Write::Outcome::kRefused) ++sights.commits_refused;
    if (write.outcome == Write::Outcome::kUnknown) ++sights.commits_unknown;
    if (write.deletes && write.outcome == Write::Outcome::kApplied) ++sights.sessions_deleted;
  }
  sights.sessions = sessions.size();
  return sights;
}

}  // namespace sessionhub::simulation
