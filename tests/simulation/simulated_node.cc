#include "tests/simulation/simulated_node.h"

#include <algorithm>
#include <utility>

#include "tests/support/generators.h"
#include "tests/support/paths.h"

namespace sessionhub::simulation {
namespace {

using testing::Below;
using testing::OneIn;
using testing::P;
using Kind = Operation::Kind;

constexpr size_t kPendingBytesMax = 1 << 20;

// A change of fields that all nodes fight for. Increments of a text are refused.
Operation RandomFight(testing::Random& random) {
  static const char* const kPaths[] = {"f/a", "f/a/b", "f/a/c", "f/d", "f/d/e", "f/text"};
  const Path path = P(kPaths[Below(random, 6)]);
  switch (Below(random, 9)) {
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
    case 5:
      return {Kind::kIncrement, P("f/x"), 0.25 * static_cast<double>(Below(random, 5))};
    default:
      return {Kind::kPut, path, testing::RandomValue(random)};
  }
}

}  // namespace

SimulatedNode::SimulatedNode(const NodeOptions& options, testing::Random* random,
                             testing::Ledger* ledger, testing::Witnesses* witnesses)
    : options_(options),
      random_(random),
      ledger_(ledger),
      witnesses_(witnesses),
      machine_({"app", options.name, kPendingBytesMax, options.near_cache_bytes_max,
                std::chrono::milliseconds(15'000)}) {}

SimulatedNode::~SimulatedNode() {
  for (const auto& [token, place] : commits_) {
    (*ledger_)[place].outcome = Write::Outcome::kUnknown;
  }
  if (InPast()) ForgetPast();
}

// ---- the application ----

void SimulatedNode::Act(client::Time now) {
  if (options_.model) return ActOnAnyKind(now);
  const std::string& id = options_.ids[Below(*random_, options_.ids.size())];
  auto held = held_.find(id);
  if (held == held_.end() || OneIn(*random_, 40)) {
    const Create create = OneIn(*random_, 6)   ? Create::kExclusive
                          : OneIn(*random_, 6) ? Create::kNever
                                               : Create::kIfMissing;
    if (opens_.size() < 4) Open(id, create, now);
  } else if (options_.deletes && OneIn(*random_, 30)) {
    Delete(held->second);
  } else if (OneIn(*random_, 25)) {
    machine_.Unpin(held->second);
    resumable_.Dropped(held->second.number);
    held_.erase(held);
  } else if (OneIn(*random_, 12)) {
    if (opens_.size() < 4) OpenNewest(id, held->second.number, now);
  } else if (options_.locks && OneIn(*random_, 5)) {
    UseLock(held->second, now);
  } else if (OneIn(*random_, 6)) {
    Read(held->second, now);
  } else if (OneIn(*random_, 3)) {
    SetText(held->second);
  } else {
    Commit(held->second);
  }
  TakeOutputs();
}

void SimulatedNode::OpenAll(client::Time now) {
  for (const std::string& id : options_.ids) {
    if (!opens_.empty() || !Lacks(id, now)) continue;
    options_.model ? OpenAnyhow(id, now) : Open(id, Create::kIfMissing, now);
  }
  TakeOutputs();
}

void SimulatedNode::Open(const std::string& id, Create create, client::Time now) {
  // Some callers have seen a version elsewhere, and ask the hub beside what is on its way.
  const Version seen = OneIn(*random_, 3) ? 1 + Below(*random_, 30) : 0;
  const Settings settings = create == Create::kNever ? Settings() : RandomTimeout();
  opens_[machine_.Open(id, create, seen, now, Interest::kPush, settings)] = id;
}

Settings SimulatedNode::RandomTimeout() {
  Settings settings;
  if (options_.model && OneIn(*random_, 6)) {
    settings.absolute_timeout_ms = 2'000 + Below(*random_, 60'000);
  }
  if (options_.idle_timeout_ms == 0) return settings;
  settings.idle_timeout_ms = options_.idle_timeout_ms * (1 + Below(*random_, 2));
  return settings;
}

absl::Status SimulatedNode::Use(const std::string& id, client::Time now) {
  auto held = held_.find(id);
  if (held == held_.end()) return absl::NotFoundError(options_.life + " holds no " + id);
  return machine_.Read(held->second, now).status();
}

absl::Status SimulatedNode::GoOn(client::Time now) {
  for (const auto& [id, ref] : held_) {
    Read(ref, now);
    if (!machine_.Read(ref, now).ok()) ++(*options_.sights)["copies not read after a stop"];
  }
  return broken_;
}

void SimulatedNode::OpenNewest(const std::string& id, SessionNumber number, client::Time now) {
  Version newest = 0;
  for (const Write& write : *ledger_) {
    const bool lost = write.restored == Write::Restored::kLost;
    if (write.session == number && !lost) newest = std::max(newest, write.version);
  }
  const client::Token token = machine_.Open(id, Create::kNever, newest, now);
  opens_[token] = id;
  asked_[token] = {number, newest};
}

void SimulatedNode::CheckOpened(const client::OpenDone& done) {
  const auto asked = asked_.extract(done.token);
  if (asked.empty() || !done.copy.ok() || done.copy->number != asked.mapped().number) return;
  const auto view = machine_.ReadAnyAge(*done.copy);
  if (view) Break(testing::Fresh(asked.mapped().version, view->version, options_.life));
}

void SimulatedNode::Read(const client::CopyRef& ref, client::Time now) {
  const auto read = machine_.Read(ref, now);
  if (!read.ok()) return;
  if (machine_.InterestOf(ref) == Interest::kInvalidate) {
    Break(testing::Fresh(called_old_[ref.number], (*read)->version, options_.life));
  }
  const auto silence = std::chrono::duration_cast<std::chrono::microseconds>(now - heard_at_);
  Break(testing::Fresh(silence, options_.stale_max, options_.life));
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
  if (OneIn(*random_, 20)) delta.settings = RandomTimeout();
  for (Operation& mark : testing::MarksOf(write)) delta.operations.push_back(std::move(mark));
  const Ack ack = options_.model ? Qualify(ref, &delta, &write) : Ack::kDurable;
  if (options_.locks && OneIn(*random_, 2))
    delta.lock_token = write.lock_token = LockOf(ref.number);
  const absl::StatusOr<client::Token> token = machine_.Commit(ref, std::move(delta), ack);
  NoteAttempt(ref, write, token.status());
  if (!token.ok()) return;
  if (ack == Ack::kDelivered) delivering_.insert(*token);
  ++last_index_;
  commits_[*token] = ledger_->size();
  ledger_->push_back(std::move(write));
  ++unanswered_[ref.number];
}

void SimulatedNode::SetText(const client::CopyRef& ref) {
  const auto view = machine_.ReadAnyAge(ref);
  if (!view) return;
  const auto held = view->fields->map.find(testing::Witnesses::Page());
  std::string text =
      held == view->fields->map.end() ? std::string(100, '.') : *held->second.AsString();
  text.insert(Below(*random_, text.size()), std::to_string(Below(*random_, 1'000)));
  if (text.size() > 200) text.erase(Below(*random_, 100), 50);
  witnesses_->Had(text);
  Delta delta{{{Kind::kPut, testing::Witnesses::Page(), text}}};
  delta.after_previous = OneIn(*random_, 4);
  // Of a new copy it is not said whether there was one before it.
  if (options_.model && !attempts_.contains(ref.stamp)) delta.after_previous = false;
  client::Splices splices = client::FindSplices(view->fields->map, delta);
  const absl::StatusOr<client::Token> token =
      machine_.Commit(ref, std::move(delta), Ack::kDurable, std::move(splices));
  NoteAttempt(ref, {}, token.status());
  if (!token.ok()) return;
  texts_[*token] = ref.number;
  ++unanswered_[ref.number];
}

void SimulatedNode::Delete(const client::CopyRef& ref) {
  Write write;
  write.writer = options_.life;
  write.index = last_index_ + 1;
  write.session = ref.number;
  write.deletes = true;
  Delta delta;
  delta.deletes_session = true;
  const Ack ack = options_.model && OneIn(*random_, 2) ? Ack::kDelivered : Ack::kDurable;
  const absl::StatusOr<client::Token> token = machine_.Commit(ref, std::move(delta), ack);
  NoteAttempt(ref, write, token.status());
  if (!token.ok()) return;
  if (ack == Ack::kDelivered) delivering_.insert(*token);
  ++last_index_;
  commits_[*token] = ledger_->size();
  ledger_->push_back(std::move(write));
  ++unanswered_[ref.number];
}

void SimulatedNode::TakeOutputs() {
  client::Outputs outputs = machine_.TakeOutputs();
  for (client::OpenDone& done : outputs.opens) {
    const auto id = opens_.extract(done.token);
    CheckOpened(done);
    const Interest asked = interests_[done.token];
    interests_.erase(done.token);
    if (!done.copy.ok()) {
      if (absl::IsNotFound(done.copy.status())) renamed_[id.mapped()] = heard_at_;
      continue;
    }
    if (machine_.IdOf(*done.copy) && machine_.InterestOf(*done.copy) < asked) {
      Break(absl::DataLossError(options_.life + " has less interest than it asked for"));
    }
    auto [held, inserted] = held_.try_emplace(id.mapped(), *done.copy);
    if (inserted) continue;
    machine_.Unpin(held->second);
    held->second = *done.copy;
  }
  for (const client::CommitDone& done : outputs.commits) Told(done);
  TakeLocks(outputs.locks);
  if (options_.model) FollowIds(outputs);
  // Sessions that have ended are let go.
  std::erase_if(held_, [this](const auto& held) { return !machine_.ReadAnyAge(held.second); });
}

void SimulatedNode::Told(const client::CommitDone& done) {
  if (const auto text = texts_.extract(done.token); !text.empty()) {
    --unanswered_[text.mapped()];
    Version& told = told_versions_[text.mapped()];
    told = std::max<Version>(told, done.committed.version);
    // A splice on another base is this node's to repeat, and no application hears of it.
    if (done.committed.reason == Committed::Reason::kOther) Break(done.committed.status);
    return;
  }
  Write& write = (*ledger_)[commits_.extract(done.token).mapped()];
  --unanswered_[write.session];
  write.why = std::string(done.committed.status.message());
  switch (done.committed.kind) {
    case Committed::Kind::kApplied: {
      write.outcome = Write::Outcome::kApplied;
      write.version = done.committed.version;
      // Told late, in words of the history that has ended since.
      if (write.kept_through > 0) write.version = std::min(write.version, write.kept_through);
      Version& told = told_versions_[write.session];
      told = std::max<Version>(told, write.version);
      if (write.lock_token != 0) ++(*options_.sights)["writes applied under a lock"];
      break;
    }
    case Committed::Kind::kRefused:
      write.outcome = Write::Outcome::kRefused;
      if (done.committed.reason == Committed::Reason::kLockLost) {
        locks_held_.erase(write.session);
        ++(*options_.sights)["writes refused for a lost lock"];
      }
      break;
    case Committed::Kind::kReceived:  // it may still be applied or refused
    case Committed::Kind::kUnknown:
      write.outcome = Write::Outcome::kUnknown;
      break;
  }
  if (options_.model) ToldOfAnyKind(done, write);
  const bool received = done.committed.kind == Committed::Kind::kReceived;
  Break(resumable_.Answered(write.index, received ? Write::Outcome::kOpen : write.outcome));
}

// ---- the stream ----

void SimulatedNode::StreamUp(client::Time now) {
  Incarnation fresh{};
  for (uint8_t& byte : fresh) byte = static_cast<uint8_t>((*random_)());
  machine_.StreamUp(fresh, now);
}

void SimulatedNode::StreamDown() {
  std::map<SessionNumber, Version> held;
  for (const auto& [id, ref] : held_) {
    if (!ComesBack(ref)) continue;
    if (const auto view = machine_.ReadAnyAge(ref)) held[ref.number] = view->version;
  }
  std::set<uint64_t> unanswered;
  for (const auto& [token, place] : commits_) unanswered.insert((*ledger_)[place].index);
  resumable_.Cut(std::move(held), unanswered);
  machine_.StreamDown();
  TakeOutputs();
}

absl::Status SimulatedNode::CheckItem(const v1::Item& item) {
  // What nobody asked for fits no copy either: the first of the two says more.
  absl::Status status = lane_.OnlyInterested(item);
  status.Update(lane_.NoGap(item));
  if (options_.model && !InPast()) status.Update(CheckAnyItem(item));
  if (item.has_answer()) status.Update(CheckLockAnswer(item.answer()));
  if (item.has_opened()) {
    numbers_.insert(item.opened().number());
    resumable_.Opened(item.opened().number());
  } else if (item.has_catch_up() && !item.catch_up().more()) {
    const SessionNumber session = lane_.SessionOf(item.handle());
    status.Update(resumable_.CaughtUp(session, item.from(), item.from() + item.span()));
  } else if (item.has_answer() || item.has_delivered()) {
    return status;  // of no delta
  } else if (item.handle() == 0 && in_flight_ > 0) {
    --in_flight_;
  }
  return status;
}

absl::Status SimulatedNode::Receive(const std::string& bytes, client::Time now) {
  v1::HubFrame frame;
  if (!frame.ParseFromString(bytes)) return absl::DataLossError("a frame does not parse");
  // What comes after a silence as long as the lease was said before that, and is not taken in.
  const bool late = machine_.attached() && now - heard_at_ > options_.stale_max;
  if (late) ++(*options_.sights)["frames too late for their lease"];
  std::map<std::string, client::CopyRef> forgotten;
  if (!late && !machine_.wants_reconnect() && machine_.standing().ok()) {
    if (absl::Status status = CheckFrame(frame, &forgotten); !status.ok()) return status;
    heard_at_ = now;
  }
  machine_.Receive(frame, now);
  TakeOutputs();
  if (!forgotten.empty()) CheckForgotten(forgotten);
  return broken_;
}

// `forgotten`: what it held of a history that has ended.
absl::Status SimulatedNode::CheckFrame(const v1::HubFrame& frame,
                                       std::map<std::string, client::CopyRef>* forgotten) {
  if (frame.has_attached()) {
    if (EnterHistory(BytesToId128(frame.attached().history_id()))) *forgotten = held_;
    lane_.Attached(frame.attached().lease_held());
    in_flight_ = 0;
    if (frame.attached().incarnation_ended()) {
      resumable_.IncarnationEnded();
      received_.clear();
      lane_.IncarnationEnded();
    }
  }
  for (const v1::Item& item : frame.items()) {
    if (absl::Status status = CheckItem(item); !status.ok()) return status;
    lane_.Receive(item);
  }
  return absl::OkStatus();
}

void SimulatedNode::CheckSent(const v1::NodeFrame& frame) {
  if (frame.has_hello()) incarnation_ = BytesToId128(frame.hello().incarnation());
  CheckNumbers(frame);
  for (const v1::LockRequest& lock : frame.locks()) {
    if (lock.token() == 0) locks_asked_[lock.request()] = lock.number();
  }
  if (options_.model) CheckAnySent(frame);
  for (const v1::Open& open : frame.opens()) {
    // A copy that was dropped and is fetched anew holds nothing of what was held.
    if (open.number() == 0 || (options_.model && open.version() == 0)) continue;
    Break(resumable_.Told(open.number(), open.version()));
  }
  for (const v1::Resume& resume : frame.resumes()) {
    Break(resumable_.Told(lane_.SessionOf(resume.handle()), resume.version()));
  }
  for (int i = 0; i < frame.deltas_size(); ++i) {
    const v1::Delta& delta = frame.deltas(i);
    const uint64_t seq = frame.first_seq() + static_cast<uint64_t>(i);
    lane_.Sent(seq, delta.number() != 0 ? delta.number() : lane_.SessionOf(delta.handle()));
  }
  in_flight_ += static_cast<uint64_t>(frame.deltas_size());
  Break(testing::Bounded({{"a node's frame", frame.ByteSizeLong(), options_.limits.frame_bytes_max},
                          {"deltas in flight", in_flight_, options_.limits.in_flight_deltas_max},
                          {"pending bytes", machine_.stats().pending_bytes, kPendingBytesMax}}));
}

std::optional<std::string> SimulatedNode::TakeFrame(client::Time now) {
  v1::NodeFrame frame;
  if (!machine_.TakeFrame(&frame, now)) return std::nullopt;
  CheckSent(frame);
  return frame.SerializeAsString();
}

// ---- what it holds ----

absl::Status SimulatedNode::CheckCopies(testing::Converged* converged) {
  if (!broken_.ok()) return broken_;
  for (const auto& [id, ref] : held_) {
    const auto view = machine_.ReadAnyAge(ref);
    if (view) {
      const absl::Status once = testing::Once(view->fields->map, options_.life);
      if (!once.ok()) return once;
      witnesses_->See(view->fields->map, options_.life);
      Break(witnesses_->MergedNotLost(view->fields->map, options_.life));
    }
    const bool pending =
        unanswered_[ref.number] > 0 || !view || view->version < told_versions_[ref.number];
    if (pending || view->version == 0 || WaitsForReceived(ref.number, view->version)) continue;
    const absl::Status status =
        converged->Check(ref.number, {view->version, view->fields->map}, options_.life);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

std::optional<Copy> SimulatedNode::CopyOf(const std::string& id) {
  auto held = held_.find(id);
  if (held == held_.end()) return std::nullopt;
  const auto view = machine_.ReadAnyAge(held->second);
  if (!view) return std::nullopt;
  return Copy{held->second.number, {view->version, view->fields->map}};
}

}  // namespace sessionhub::simulation
