#include "tests/simulation/simulated_node.h"

#include <utility>

#include "tests/support/generators.h"
#include "tests/support/paths.h"

namespace sessionhub::simulation {
namespace {

using testing::Below;
using testing::OneIn;
using testing::P;
using testing::Write;
using Kind = Operation::Kind;

// A change of fields that all nodes fight for. Increments of a text are refused.
Operation RandomFight(testing::Random& random) {
  static const char* const kPaths[] = {"f/a", "f/a/b", "f/a/c", "f/d", "f/d/e", "f/text"};
  const Path path = P(kPaths[Below(random, 6)]);
  switch (Below(random, 8)) {
    case 0:
      return {Kind::kErase, path, {}};
    case 1:
      return {Kind::kEraseSubtree, path, {}};
    case 2:
      return {Kind::kIncrement, P("f/n"), static_cast<int64_t>(Below(random, 5))};
    case 3:
      return {Kind::kIncrement, P("f/text"), 1};
    case 4:
      return {Kind::kPut, P("f/text"), "text"};
    default:
      return {Kind::kPut, path, testing::RandomValue(random)};
  }
}

}  // namespace

SimulatedNode::SimulatedNode(const NodeOptions& options, testing::Random* random,
                             testing::Ledger* ledger)
    : options_(options),
      random_(random),
      ledger_(ledger),
      machine_({"app", options.name, 1 << 20, options.near_cache_bytes_max,
                std::chrono::milliseconds(15'000)}) {}

SimulatedNode::~SimulatedNode() {
  for (const auto& [token, place] : commits_) {
    (*ledger_)[place].outcome = Write::Outcome::kUnknown;
  }
}

// ---- the application ----

void SimulatedNode::Act(client::Time now) {
  const std::string& id = options_.ids[Below(*random_, options_.ids.size())];
  auto held = held_.find(id);
  if (held == held_.end() || OneIn(*random_, 40)) {
    const Create create = OneIn(*random_, 6)   ? Create::kExclusive
                          : OneIn(*random_, 6) ? Create::kNever
                                               : Create::kIfMissing;
    if (opens_.size() < 4) Open(id, create, now);
  } else if (options_.deletes && OneIn(*random_, 60)) {
    Delete(held->second);
  } else if (OneIn(*random_, 25)) {
    machine_.Unpin(held->second);
    held_.erase(held);
  } else {
    Commit(held->second);
  }
  TakeOutputs();
}

void SimulatedNode::OpenAll(client::Time now) {
  for (const std::string& id : options_.ids) {
    if (opens_.empty() && !CopyOf(id)) Open(id, Create::kIfMissing, now);
  }
  TakeOutputs();
}

void SimulatedNode::Open(const std::string& id, Create create, client::Time now) {
  opens_[machine_.Open(id, create, 0, now)] = id;
}

void SimulatedNode::Commit(const client::CopyRef& ref) {
  Write write;
  write.writer = options_.life;
  write.index = last_index_ + 1;
  write.session = ref.number;
  Delta delta;
  for (uint64_t n = Below(*random_, 3); n > 0; --n) {
    delta.operations.push_back(RandomFight(*random_));
  }
  for (Operation& mark : testing::MarksOf(write)) delta.operations.push_back(std::move(mark));
  const absl::StatusOr<client::Token> token = machine_.Commit(ref, std::move(delta));
  if (!token.ok()) return;
  ++last_index_;
  commits_[*token] = ledger_->size();
  ledger_->push_back(std::move(write));
  ++unanswered_[ref.number];
  lane_.Sent(++last_seq_, ref.number);
}

void SimulatedNode::Delete(const client::CopyRef& ref) {
  Write write;
  write.writer = options_.life;
  write.index = last_index_ + 1;
  write.session = ref.number;
  write.deletes = true;
  Delta delta;
  delta.deletes_session = true;
  const absl::StatusOr<client::Token> token = machine_.Commit(ref, std::move(delta));
  if (!token.ok()) return;
  ++last_index_;
  commits_[*token] = ledger_->size();
  ledger_->push_back(std::move(write));
  ++unanswered_[ref.number];
  lane_.Sent(++last_seq_, ref.number);
}

void SimulatedNode::TakeOutputs() {
  client::Outputs outputs = machine_.TakeOutputs();
  for (client::OpenDone& done : outputs.opens) {
    const auto id = opens_.extract(done.token);
    if (!done.copy.ok()) continue;
    auto [held, inserted] = held_.try_emplace(id.mapped(), *done.copy);
    if (inserted) continue;
    machine_.Unpin(held->second);
    held->second = *done.copy;
  }
  for (const client::CommitDone& done : outputs.commits) Told(done);
  // Sessions that have ended are let go.
  std::erase_if(held_, [this](const auto& held) { return !machine_.ReadAnyAge(held.second); });
}

void SimulatedNode::Told(const client::CommitDone& done) {
  Write& write = (*ledger_)[commits_.extract(done.token).mapped()];
  --unanswered_[write.session];
  write.why = std::string(done.committed.status.message());
  switch (done.committed.kind) {
    case Committed::Kind::kApplied: {
      write.outcome = Write::Outcome::kApplied;
      write.version = done.committed.version;
      Version& told = told_versions_[write.session];
      told = std::max<Version>(told, write.version);
      break;
    }
    case Committed::Kind::kRefused:
      write.outcome = Write::Outcome::kRefused;
      break;
    case Committed::Kind::kUnknown:
      write.outcome = Write::Outcome::kUnknown;
      break;
  }
}

// ---- the stream ----

void SimulatedNode::StreamUp(client::Time now) {
  Incarnation fresh{};
  for (uint8_t& byte : fresh) byte = static_cast<uint8_t>((*random_)());
  machine_.StreamUp(fresh, now);
}

void SimulatedNode::StreamDown() {
  machine_.StreamDown();
  TakeOutputs();
}

absl::Status SimulatedNode::Receive(const std::string& bytes, client::Time now) {
  v1::HubFrame frame;
  if (!frame.ParseFromString(bytes)) return absl::DataLossError("a frame does not parse");
  if (frame.has_attached()) lane_.Attached(frame.attached().lease_held());
  for (const v1::Item& item : frame.items()) {
    absl::Status status = lane_.NoGap(item);
    status.Update(lane_.OnlyInterested(item));
    if (!status.ok()) return status;
    lane_.Receive(item);
  }
  machine_.Receive(frame, now);
  TakeOutputs();
  return absl::OkStatus();
}

std::optional<std::string> SimulatedNode::TakeFrame(client::Time now) {
  v1::NodeFrame frame;
  if (!machine_.TakeFrame(&frame, now)) return std::nullopt;
  return frame.SerializeAsString();
}

// ---- what it holds ----

absl::Status SimulatedNode::CheckCopies(testing::Converged* converged) {
  for (const auto& [id, ref] : held_) {
    const auto view = machine_.ReadAnyAge(ref);
    if (view) {
      const absl::Status once = testing::Once(view->fields->map, options_.life);
      if (!once.ok()) return once;
    }
    const bool pending =
        unanswered_[ref.number] > 0 || !view || view->version < told_versions_[ref.number];
    if (pending || view->version == 0) continue;
    const absl::Status status =
        converged->Check(ref.number, {view->version, view->fields->map}, options_.life);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

std::optional<SimulatedNode::Copy> SimulatedNode::CopyOf(const std::string& id) {
  auto held = held_.find(id);
  if (held == held_.end()) return std::nullopt;
  const auto view = machine_.ReadAnyAge(held->second);
  if (!view) return std::nullopt;
  return Copy{held->second.number, {view->version, view->fields->map}};
}

}  // namespace sessionhub::simulation
