// The Cluster's part with a ReferenceModel.
#include <algorithm>

#include "proto/session/status_macros.h"
#include "tests/simulation/cluster.h"

namespace sessionhub::simulation {
namespace {

using testing::Below;

// In which everything that is on its way arrives, without faults and new questions.
constexpr int kSettlingRounds = 15;

}  // namespace

void Cluster::UseEveryKind() {
  // Each id may be that of several sessions, one after another.
  node_options_.ids.clear();
  for (int n = 0; n < 10; ++n) node_options_.ids.push_back("id" + std::to_string(n));
  node_options_.idle_timeout_ms = testing::OneIn(random_, 3) ? 20'000 : 0;
  const uint64_t horizons_us[] = {3'000'000, 20'000'000, 3'600'000'000};
  hub_options_.resend_horizon_us = horizons_us[Below(random_, 3)];
  const uint64_t sizes[] = {400, 1 << 20};
  hub_options_.limits.session_bytes_max = sizes[Below(random_, 2)];
  model_ = std::make_unique<ReferenceModel>(hub_options_.limits, hub_options_.resend_horizon_us,
                                            &now_us_, &converged_[history_]);
  hub_options_.watch = [this](uint32_t shard, const std::vector<hub::Input>& inputs) {
    differs_.Update(model_->Turn(shard, inputs, *store_));
  };
}

absl::Status Cluster::AfterTurn() {
  if (!model_) return differs_;
  for (SessionNumber session : model_->TakeEndedForOwner()) ended_seen_.insert(session);
  return differs_;
}

// What is told delivered shows, or something newer, on every node that shows anything.
absl::Status Cluster::CheckDelivered(size_t node) {
  for (const DeliveredCommit& commit : nodes_[node]->TakeDelivered()) {
    for (size_t place = 0; place < nodes_.size(); ++place) {
      SimulatedNode& other = *nodes_[place];
      const auto& missing = commit.missing;
      if (place == node || std::count(missing.begin(), missing.end(), other.name()) > 0) continue;
      const std::optional<Version> shown = other.Shows(commit.session, Now());
      if (!shown || (!commit.deletes && *shown >= commit.version)) continue;
      return Differs("version " + std::to_string(commit.version) + " of session " +
                     std::to_string(commit.session) + (commit.deletes ? ", its end, is" : " is") +
                     " told delivered, and " + other.name() + " shows version " +
                     std::to_string(*shown));
    }
  }
  return absl::OkStatus();
}

// Each id leads to the session that has it, or is known to lead nowhere, and each node has each
// session under the id that it has.
bool Cluster::QuietByNames() const {
  const std::map<SessionNumber, std::string> living = model_->Living();
  hub::ReadSet reads;
  for (const std::string& id : node_options_.ids) {
    reads.names.push_back({SlotOf("app", id), 1, id});
  }
  hub::Loaded loaded;
  if (!store_->Load(reads, &loaded).ok()) return false;
  for (const auto& [key, name] : loaded.names) {
    if (!name) return false;
    if (name->state() == hub::stored::Name::RENAMED && name->forget_at() > hub_->served_us()) {
      continue;
    }
    const auto session = living.find(name->number());
    if (session == living.end() || session->second != key.id) return false;
  }
  const testing::StoredSessions stored = Stored();
  for (const auto& [number, id] : living) {
    const auto session = stored.find(number);
    if (session == stored.end()) return false;
    for (const auto& node : nodes_) {
      const auto copy = node->CopyOf(id);
      if (!copy || copy->number != number) return false;
      const bool live = node->InterestIn(id) == Interest::kPush;
      if (live && copy->state.version != session->second.state.version) return false;
    }
  }
  return true;
}

// No node has a session under an id that is not its. Who asked for nothing is told nothing.
absl::Status Cluster::CheckNames() {
  RETURN_IF_ERROR(model_->CheckChains());
  const std::map<SessionNumber, std::string> living = model_->Living();
  for (const auto& node : nodes_) {
    for (const std::string& id : node_options_.ids) {
      const auto copy = node->CopyOf(id);
      const auto session = copy ? living.find(copy->number) : living.end();
      if (!copy || node->InterestIn(id) == Interest::kNone) continue;
      if (session != living.end() && session->second == id) continue;
      return Differs(node->name() + " has session " + std::to_string(copy->number) + " as " + id);
    }
  }
  return absl::OkStatus();
}

absl::Status Cluster::CheckInterest() {
  size_t writer = 0;
  for (const auto& [session, id] : model_->Living()) {
    RETURN_IF_ERROR(CheckInterestIn(session, id, writer));
    writer = (writer + 1) % nodes_.size();
  }
  return CheckStored();
}

std::vector<uint64_t> Cluster::Attaches() const {
  std::vector<uint64_t> attaches;
  for (const auto& node : nodes_) attaches.push_back(node->attaches());
  return attaches;
}

// Until everything that was on its way has arrived. Who comes back meanwhile begins anew.
absl::Status Cluster::Settle() {
  for (std::vector<uint64_t> before; before != Attaches();) {
    before = Attaches();
    for (int round = 0; round < kSettlingRounds; ++round) {
      RETURN_IF_ERROR(HealRound(/*opens=*/false));
    }
  }
  return absl::OkStatus();
}

// One more change, of which each other node hears what it asked for.
absl::Status Cluster::CheckInterestIn(SessionNumber session, const std::string& id, size_t writer) {
  RETURN_IF_ERROR(Settle());
  std::vector<Interest> interests;
  std::vector<bool> fresh;
  const std::vector<uint64_t> attaches = Attaches();
  for (auto& node : nodes_) {
    (void)node->TakeHeard();
    interests.push_back(node->InterestIn(id));
    fresh.push_back(node->Use(id, Now()).ok());
  }
  const auto applied = [this] {
    const auto puts = model_->counts().find("put applied");
    return puts == model_->counts().end() ? 0 : puts->second;
  };
  const uint64_t before = applied();
  if (!nodes_[writer]->CommitsTo(id)) return absl::OkStatus();
  committed_at_.resize(ledger_.size(), UpTime());
  for (int round = 0; round < kSettlingRounds; ++round) {
    RETURN_IF_ERROR(HealRound(/*opens=*/false));
  }
  if (!model_->Living().contains(session) || applied() == before) return absl::OkStatus();
  for (size_t place = 0; place < nodes_.size(); ++place) {
    const HeardOf heard = nodes_[place]->TakeHeard()[session];
    const bool push = interests[place] == Interest::kPush;
    const bool told = interests[place] == Interest::kInvalidate && fresh[place];
    const bool right = (heard.changes > 0) == push && (heard.invalidations == 1) == told &&
                       !(told && nodes_[place]->Use(id, Now()).ok());
    // Who came back meanwhile has heard of it by a catch-up.
    if (place == writer || right || nodes_[place]->attaches() != attaches[place]) continue;
    return Differs(nodes_[place]->name() + ", with interest " +
                   std::to_string(static_cast<int>(interests[place])) + " in session " +
                   std::to_string(session) + ", hears of " + std::to_string(heard.changes) +
                   " changes and " + std::to_string(heard.invalidations) + " invalidations");
  }
  static const char* const kHeard[] = {"heard nothing", "heard once", "heard each change"};
  for (Interest interest : interests) model_->Count(kHeard[static_cast<int>(interest)]);
  return absl::OkStatus();
}

}  // namespace sessionhub::simulation
