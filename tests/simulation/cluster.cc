#include "tests/simulation/cluster.h"

#include <algorithm>
#include <set>
#include <utility>

#include "hub/record/field_value.h"
#include "hub/shard/dedupe.h"
#include "proto/session/status_macros.h"

namespace sessionhub::simulation {
namespace {

using testing::Below;
using testing::OneIn;
using testing::Write;

constexpr int kHealRoundsMax = 3000;
// A tick takes one dead session a slot.
constexpr int kSweepTicksMax = 400;

size_t PickSize(testing::Random& random, std::initializer_list<size_t> sizes) {
  return *(sizes.begin() + Below(random, sizes.size()));
}

}  // namespace

Cluster::Cluster(testing::Random* random, bool every_kind)
    : random_(*random), store_(hub::MemoryStore::Create(history_)) {
  hub_options_.shards = static_cast<uint32_t>(1 + Below(random_, 3));
  hub_options_.resend_horizon_us = PickSize(random_, {20'000'000, 3'600'000'000});
  hub_options_.outbox_bytes_max = PickSize(random_, {300, 1500, 1 << 20});
  hub_options_.turn_read_bytes_max = PickSize(random_, {0, 200, 256 << 10});
  hub_options_.turn_load_bytes_max = PickSize(random_, {100, 64 << 20});
  hub_options_.read_changes_bytes_max = PickSize(random_, {0, 300, 1 << 20});
  hub_options_.read_chunk_bytes_max = PickSize(random_, {1, 60, 64 << 10});
  hub_options_.reads_max = PickSize(random_, {1, 16});
  hub_options_.chunk_bytes_max = PickSize(random_, {100, 600, 256 << 10});
  hub_options_.limits.session_bytes_max = PickSize(random_, {2500, 1 << 20});
  hub_options_.limits.path_definitions_max = PickSize(random_, {4, 64, 4096});
  hub_options_.limits.in_flight_deltas_max = PickSize(random_, {2, 64});
  node_options_.near_cache_bytes_max = PickSize(random_, {600, 1 << 20});
  node_options_.deletes = !OneIn(random_, 3);
  node_options_.idle_timeout_ms = PickSize(random_, {0, 2'000, 20'000});
  const uint64_t sessions = 1 + Below(random_, 4);
  for (uint64_t n = 0; n < sessions; ++n) node_options_.ids.push_back("id" + std::to_string(n));
  node_options_.locks = !every_kind && OneIn(random_, 2);
  if (node_options_.locks) {
    hub_options_.watch = [this](uint32_t shard, const std::vector<hub::Input>& inputs) {
      differs_.Update(lock_watch_.Turn(shard, inputs, *store_, hub_->served_us(), now_us_));
    };
  }
  if (every_kind) UseEveryKind();
  StartHub();
  const size_t nodes = every_kind ? 3 : 2 + Below(random_, 4);
  for (size_t place = 0; place < nodes; ++place) nodes_.push_back(NewNode(place));
}

Cluster::~Cluster() {
  connections_.clear();  // before the hub that they speak to
}

std::unique_ptr<SimulatedNode> Cluster::NewNode(size_t place) {
  NodeOptions options = node_options_;
  options.name = "node" + std::to_string(place);
  options.life = "w" + std::to_string(++lives_);
  options.limits = hub_options_.limits;
  options.model = model_.get();
  options.history = &history_;
  options.lock_order = &lock_watch_.order();
  options.sights = &sights_;
  options.stale_max = std::chrono::microseconds(hub_options_.lease_us);
  return std::make_unique<SimulatedNode>(options, &random_, &ledger_, &witnesses_);
}

void Cluster::PassTime(uint64_t us_max) {
  Advance(Below(random_, us_max) + 1);
  for (size_t node = 0; node < nodes_.size(); ++node) {
    if (stopped_ != node) nodes_[node]->Tick(Now());
  }
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
  return Below(random_, 1000) < 13 ? StepFault() : StepUsual();
}

absl::Status Cluster::StepUsual() {
  const uint64_t dice = Below(random_, 1000);
  if (dice < 200) {
    NodeActs(Below(random_, nodes_.size()));
  } else if (dice < 420) {
    StepNode();
  } else if (dice < 700) {
    return StepNetwork();
  } else {
    return StepHub();
  }
  return absl::OkStatus();
}

void Cluster::NodeActs(size_t node) {
  if (stopped_ == node) return;
  nodes_[node]->Act(Now());
  committed_at_.resize(ledger_.size(), UpTime());
}

void Cluster::StepNode() {
  const size_t node = Below(random_, nodes_.size());
  if (stopped_ == node) return;
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
  if (OneIn(random_, 3)) hub_->RunReader();
  if (OneIn(random_, 30)) hub_->Tick();
  if (growth_waits_ && OneIn(random_, 30)) SetGrowthWaits(false);
  if (model_ && OneIn(random_, 60)) hub_->DeleteOwned(OneIn(random_, 2) ? "ann" : "bob");
  if (connections_.empty()) return absl::OkStatus();
  HubWrites(connections_[Below(random_, connections_.size())].get(),
            PickSize(random_, {1, 200, 64 << 10}));
  return absl::OkStatus();
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

bool Cluster::HubWrites(Connection* connection, size_t bytes_max) {
  if (!connection->hub_end) return false;
  const auto frame = connection->hub_end->TakeFrame(bytes_max);
  if (frame && !connection->node_end) {
    ++sights_["frames to a stream that its node has left"];
  } else if (frame)
    connection->to_node.push_back({*frame, Now()});
  if (connection->hub_end->ended()) connection->hub_end.reset();
  return frame.has_value();
}

// Each connection keeps its order; two of one node have none between them.
void Cluster::NoteOrder(Connection* connection) {
  connection->heard = true;
  const auto newer = std::find_if(connections_.rbegin(), connections_.rend(), [&](auto& other) {
    return other.get() == connection || (other->node == connection->node && other->heard);
  });
  if (newer->get() != connection) ++sights_["frames to the hub behind those of a newer stream"];
}

// What a node has sent arrives even after it has gone; that it has gone is known last.
void Cluster::DeliverToHub(Connection* connection) {
  if (!connection->hub_end) return;
  if (connection->lost) {
    if (!NoticesLoss(*connection)) return;
    connection->hub_end->PeerLeft();
    connection->hub_end.reset();
  } else if (!connection->to_hub.empty()) {
    if (!connection->hub_end->reads()) return;
    NoteOrder(connection);
    connection->hub_end->Receive(connection->to_hub.front());
    connection->to_hub.pop_front();
  } else if (!connection->node_end) {
    connection->hub_end->PeerLeft();
    connection->hub_end.reset();
  }
}

absl::Status Cluster::DeliverToNode(Connection* connection) {
  if (!connection->node_end || stopped_ == connection->node) return absl::OkStatus();
  if (connection->lost) {
    if (NoticesLoss(*connection)) NodeLeaves(connection);
    return absl::OkStatus();
  }
  SimulatedNode& node = *nodes_[connection->node];
  if (!connection->to_node.empty()) {
    node.NoteSaid(connection->to_node.front().said_at, Now());
    RETURN_IF_ERROR(node.Receive(connection->to_node.front().bytes, Now()));
    connection->to_node.pop_front();
    RETURN_IF_ERROR(CheckDelivered(connection->node));
    return node.CheckCopies(&converged_[node.history()]);
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
  return hub_->RunTurn(shard, inputs_max) ? CheckExpired() : StopHub();
}

absl::Status Cluster::RunAllShards() {
  for (uint32_t shard = 0; shard < hub_options_.shards; ++shard) {
    if (!hub_->RunTurn(shard, 1000)) return StopHub();
  }
  return CheckExpired();
}

// What has been let out until now still arrives, and must be true.
absl::Status Cluster::StopHub() {
  LetOut();
  return CrashHub();
}

void Cluster::LetOut() {
  for (auto& connection : connections_) {
    while (HubWrites(connection.get(), 64 << 10)) {
    }
  }
}

// ---- the end ----

absl::Status Cluster::HealRound(bool opens) {
  PassTime(50'000);
  EndLostConnections();
  for (size_t node = 0; node < nodes_.size(); ++node) {
    if (nodes_[node]->banished()) nodes_[node] = NewNode(node);
    Connection* connection = ConnectionOf(node);
    if (connection && nodes_[node]->wants_reconnect()) NodeLeaves(connection);
    if (!ConnectionOf(node)) Connect(node);
    if (opens) nodes_[node]->OpenAll(Now());
    NodeSends(node);
  }
  for (auto& connection : connections_) {
    do DeliverToHub(connection.get());
    while (connection->hub_end && connection->hub_end->reads() && !connection->to_hub.empty());
  }
  RETURN_IF_ERROR(RunAllShards());
  while (hub_->RunReader()) {
  }
  for (auto& connection : connections_) {
    HubWrites(connection.get(), 64 << 10);
    if (connection->hub_end && connection->node_end) {
      connection->to_node.push_back({std::string(), Now()});  // a heartbeat
    }
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
  if (model_) return QuietByNames();
  const testing::StoredSessions stored = Stored();
  for (auto& node : nodes_) {
    for (const std::string& id : node_options_.ids) {
      const auto copy = node->CopyOf(id);
      const auto session = copy ? stored.find(copy->number) : stored.end();
      if (session == stored.end() || session->second.state.version != copy->state.version) {
        return false;
      }
    }
  }
  return true;
}

absl::Status Cluster::Heal() {
  SetGrowthWaits(false);
  FailDisk(absl::OkStatus());
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
  for (auto& node : nodes_) {
    RETURN_IF_ERROR(node->CheckCopies(&converged_[node->history()]));
    RETURN_IF_ERROR(node->CheckEnd());
  }
  const uint64_t ahead = copies_ahead_ + hub_->copies_ahead();
  if (ahead > 0) return absl::DataLossError("Durable is broken: copies are ahead of the hub");
  if (node_options_.locks) RETURN_IF_ERROR(CheckLocks());
  RETURN_IF_ERROR(model_ ? CheckNames() : CheckReadKeepsAlive());
  RETURN_IF_ERROR(model_ ? CheckInterest() : CheckIdleEnd());
  return CheckSwept();
}

// As the store has them, which is what a start goes by.
absl::Status Cluster::CheckCounts(const testing::StoredSessions& stored) const {
  std::map<Slot, uint64_t> live;
  for (const auto& [number, session] : stored) {
    if (!session.dead) ++live[HomeSlot(number)];
  }
  std::map<Slot, uint64_t> counted;
  ASSIGN_OR_RETURN(const std::vector<hub::AppSlotCount> counts, store_->ListAppSessions());
  for (const hub::AppSlotCount& count : counts) {
    counted[count.key.slot] += count.sessions;
  }
  if (live == counted) return absl::OkStatus();
  return absl::DataLossError("Bounded is broken: the sessions of a slot are not counted right");
}

absl::Status Cluster::CheckStored() {
  if (model_) RETURN_IF_ERROR(model_->CheckStored(*store_));
  const testing::StoredSessions stored = Stored();
  RETURN_IF_ERROR(CheckCounts(stored));
  RETURN_IF_ERROR(testing::Durable(ledger_, stored, ended_seen_));
  RETURN_IF_ERROR(testing::Ordered(ledger_));
  RETURN_IF_ERROR(testing::Once(ledger_, stored));
  RETURN_IF_ERROR(testing::NoResurrection(ledger_, stored));
  RETURN_IF_ERROR(testing::MergedNotLost(ledger_, stored));
  RETURN_IF_ERROR(lock_watch_.order().MergedNotLost(ledger_, stored));
  RETURN_IF_ERROR(CheckBounds());
  for (const auto& [number, session] : stored) {
    if (session.dead) continue;
    witnesses_.See(session.state.fields, "");
    RETURN_IF_ERROR(witnesses_.MergedNotLost(session.state.fields, "the store"));
    RETURN_IF_ERROR(converged_[history_].Check(number, session.state, "the store"));
  }
  return absl::OkStatus();
}

absl::Status Cluster::CheckBounds() {
  RETURN_IF_ERROR(witnesses_.Once(ledger_));
  const uint64_t session_bytes_max = hub_options_.limits.session_bytes_max;
  // One item may be as large as a session; answers are few and small.
  std::vector<testing::Measure> measures = {
      {"an outbox", hub_->outbox_bytes(),
       hub_options_.outbox_bytes_max + 2 * session_bytes_max + (64 << 10)}};
  hub::ReadSet reads;
  for (const auto& [number, session] : Stored()) {
    reads.metas.push_back(number);
    if (session.dead) continue;
    uint64_t bytes = 0;
    for (const auto& [path, value] : session.state.fields) bytes += FieldSizeBytes(path, value);
    measures.push_back({"session " + std::to_string(number), bytes, session_bytes_max});
  }
  hub::Loaded loaded;
  RETURN_IF_ERROR(store_->Load(reads, &loaded));
  for (const auto& [number, meta] : loaded.metas) {
    measures.push_back({"writers of session " + std::to_string(number),
                        static_cast<uint64_t>(meta->writers_size()), hub::kWritersMax});
  }
  return testing::Bounded(measures);
}

// Once the resend horizon has passed, nothing is left of the dead, nor of the nodes that are gone.
absl::Status Cluster::CheckSwept() {
  for (int round = 0; round < 20; ++round) {
    RETURN_IF_ERROR(HealRound());  // each node says which answers it has seen
    Advance(100'000);
  }
  absl::Status gone;
  for (int tick = 0; tick < kSweepTicksMax; ++tick) {
    Advance(hub_options_.resend_horizon_us / 4);
    hub_->Tick();
    RETURN_IF_ERROR(RunAllShards());
    gone = CheckGone();
    if (gone.ok() && model_) gone = model_->CheckNoneOverdue();
    if (gone.ok()) break;
  }
  return gone;
}

absl::Status Cluster::CheckGone() const {
  std::vector<testing::Measure> measures;
  for (const auto& [number, session] : Stored()) {
    measures.push_back({"dead session " + std::to_string(number), session.dead ? 1u : 0u, 0});
  }
  ASSIGN_OR_RETURN(const auto seen, store_->ListLastSeen(std::nullopt, 1000));
  for (const hub::LastSeenEntry& entry : seen) {
    measures.push_back({"an ended incarnation", hub_->Knows(entry.incarnation) ? 0u : 1u, 0});
  }
  return testing::Bounded(measures);
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
                       session.changed[path] = field.version();
                       return true;
                     })
        .ok();
  }
  return stored;
}

Sights Cluster::sights() const {
  Sights sights = sights_;
  Add(hub_->sights(), &sights);
  sights["locks taken over at the end of a lease"] += lock_watch_.order().taken_over();
  sights["locks given to who had waited"] += lock_watch_.order().waited();
  std::set<SessionNumber> sessions;
  for (const Write& write : ledger_) {
    sessions.insert(write.session);
    if (write.outcome == Write::Outcome::kApplied) ++sights["commits applied"];
    if (write.outcome == Write::Outcome::kRefused) ++sights["commits refused"];
    if (write.outcome == Write::Outcome::kUnknown) ++sights["commits unknown"];
    if (write.deletes && write.outcome == Write::Outcome::kApplied) ++sights["sessions deleted"];
  }
  sights["sessions"] = sessions.size();
  return sights;
}

}  // namespace sessionhub::simulation
