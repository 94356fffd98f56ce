// The SimulatedNode's part with a ReferenceModel: an application that uses everything there is.
#include <algorithm>
#include <utility>

#include "proto/session/refusal.h"
#include "tests/simulation/simulated_node.h"
#include "tests/support/paths.h"

namespace sessionhub::simulation {
namespace {

using testing::Below;
using testing::OneIn;
using testing::P;
using testing::Random;
using testing::Write;

Path MarkOf(const Write& write) {
  return P("mark/" + write.Name());
}

constexpr size_t kCommonIds = 5;

Path RandomPath(Random& random) {
  static const char* const kPaths[] = {"f/a", "f/a/b", "f/d", "f/n", "count", "never/there"};
  return P(kPaths[Below(random, 6)]);
}

std::string RandomOwner(Random& random) {
  static const char* const kOwners[] = {"ann", "bob", "cy", ""};
  return kOwners[Below(random, 4)];
}

Interest RandomInterest(Random& random) {
  const uint64_t dice = Below(random, 6);
  return dice == 0 ? Interest::kNone : dice <= 2 ? Interest::kInvalidate : Interest::kPush;
}

}  // namespace

// ---- the application ----

void SimulatedNode::ActOnAnyKind(client::Time now) {
  // Few are used often, so that nodes meet, and so that others are free to be given.
  const bool common = !OneIn(*random_, 10);
  const std::string& id = options_.ids[Below(*random_, common ? kCommonIds : options_.ids.size())];
  const auto held = held_.find(id);
  const uint64_t dice = Below(*random_, 100);
  if (dice < 4 && opens_.empty()) {
    for (size_t n = 0; n < kCommonIds; ++n) OpenAnyhow(options_.ids[n], now);
    options_.model->Count("opened all");
  } else if (held == held_.end() || dice < 10) {
    if (opens_.size() < 4) OpenAnyhow(id, now);
  } else if (dice < 14) {
    ChangeId(held->second);
  } else if (dice < 18) {
    Evict(id);
  } else if (dice < 20 && options_.deletes) {
    Delete(held->second);
  } else if (dice < 23) {
    machine_.Unpin(held->second);
    attempts_.erase(held->second.stamp);
    held_.erase(held);
  } else if (dice < 28 && opens_.size() < 4) {
    OpenNewest(id, held->second.number, now);
  } else if (dice < 42) {
    Read(held->second, now);
  } else if (dice < 56) {
    SetText(held->second);
  } else {
    Commit(held->second);
  }
  TakeOutputs();
}

void SimulatedNode::OpenAnyhow(const std::string& id, client::Time now) {
  const Create create = OneIn(*random_, 6)   ? Create::kExclusive
                        : OneIn(*random_, 6) ? Create::kNever
                                             : Create::kIfMissing;
  Settings settings = create == Create::kNever ? Settings() : RandomTimeout();
  if (create != Create::kNever && OneIn(*random_, 2)) settings.owner = RandomOwner(*random_);
  const Version seen = OneIn(*random_, 3) ? 1 + Below(*random_, 30) : 0;
  const Interest interest = RandomInterest(*random_);
  const client::Token token = machine_.Open(id, create, seen, now, interest, settings);
  opens_[token] = id;
  interests_[token] = interest;
  static const char* const kInterests[] = {"opened for nothing", "opened for invalidations",
                                           "opened for changes"};
  options_.model->Count(kInterests[static_cast<int>(interest)]);
}

bool SimulatedNode::Lacks(const std::string& id, client::Time now) {
  const auto held = held_.find(id);
  if (!options_.model) return !CopyOf(id);
  if (held == held_.end()) {
    const auto renamed = renamed_.find(id);
    return renamed == renamed_.end() || now - renamed->second > std::chrono::seconds(2);
  }
  return !machine_.Read(held->second, now).ok();
}

void SimulatedNode::ChangeId(const client::CopyRef& ref) {
  const std::string& id = options_.ids[Below(*random_, options_.ids.size())];
  const std::chrono::milliseconds alias(OneIn(*random_, 2) ? Below(*random_, 4'000) : 0);
  const auto token = machine_.ChangeId(ref, id, alias);
  if (!token.ok()) return;
  uint64_t asked_at_us = options_.model->now_us();
  for (const auto& [other, change] : id_changes_) {  // asked twice, and answered once
    if (change.session != ref.number || change.id != id) continue;
    asked_at_us = std::min(asked_at_us, change.asked_at_us);
  }
  id_changes_[*token] = {ref.number, id, asked_at_us};
  resumable_.Opened(ref.number);  // after a cut it is asked for later
}

void SimulatedNode::ChangeSomeId() {
  if (held_.empty()) return;
  ChangeId(std::next(held_.begin(), static_cast<ptrdiff_t>(Below(*random_, held_.size())))->second);
  TakeOutputs();
}

void SimulatedNode::Evict(const std::string& id) {
  const auto held = held_.find(id);
  const SessionNumber session = held->second.number;
  if (OneIn(*random_, 2)) {
    machine_.Unpin(held->second);
    attempts_.erase(held->second.stamp);
    held_.erase(held);
  }
  if (!machine_.Evict(id).ok()) return;
  options_.model->Count("evicted");
  resumable_.Opened(session);  // it is not asked for after a cut
}

void SimulatedNode::AddConditions(const client::ViewImpl& view, Delta* delta) const {
  const Version version = view.version;
  if (OneIn(*random_, 8)) delta->if_version = std::max<Version>(1, version - Below(*random_, 2));
  if (OneIn(*random_, 6)) delta->conditions.push_back({RandomPath(*random_), true, 0});
  if (OneIn(*random_, 5)) {
    const Version since = version - std::min<Version>(version, Below(*random_, 4));
    delta->conditions.push_back({RandomPath(*random_), false, std::max<Version>(1, since)});
  }
}

Ack SimulatedNode::Qualify(const client::CopyRef& ref, Delta* delta, Write* write) {
  if (const auto view = machine_.ReadAnyAge(ref); view && view->version > 0) {
    AddConditions(*view, delta);
  }
  const auto attempt = attempts_.find(ref.stamp);
  if (attempt != attempts_.end() && OneIn(*random_, 4)) {
    delta->after_previous = write->repeats = true;
  }
  if (OneIn(*random_, 10)) delta->settings.owner = RandomOwner(*random_);
  switch (Below(*random_, 4)) {
    case 0:
      return Ack::kReceived;
    case 1:
      return Ack::kDelivered;
    default:
      return Ack::kDurable;
  }
}

void SimulatedNode::NoteAttempt(const client::CopyRef& ref, const Write& write,
                                const absl::Status& status) {
  if (!options_.model) return;
  const bool marked = write.session != 0 && !write.deletes;
  const auto before = attempts_.find(ref.stamp);
  if (write.repeats && before != attempts_.end()) {
    const Attempt& previous = before->second;
    if (status.ok() && previous.refused_here) {
      Break(absl::DataLossError(options_.life + "'s " + write.Name() +
                                " is taken in behind one that was not"));
    }
    if (status.ok() && !previous.mark.empty()) {
      options_.model->Committed(ref.number, MarkOf(write), previous.mark);
    }
    const bool refused = !status.ok() && RefusalOf(status).reason == v1::PREVIOUS_REFUSED;
    if (refused) options_.model->Count("after-previous refused at the node");
  }
  attempts_[ref.stamp] = {!status.ok(), marked && status.ok() ? MarkOf(write) : Path()};
}

// ---- what it is told ----

void SimulatedNode::ToldOfAnyKind(const client::CommitDone& done, const Write& write) {
  const Committed& committed = done.committed;
  const bool delivering = delivering_.erase(done.token) > 0;
  if (committed.kind == Committed::Kind::kReceived) {
    options_.model->Count("told received");
    received_[write.session].push_back(MarkOf(write));
  }
  if (committed.kind != Committed::Kind::kApplied || InPast()) return;
  if (!write.deletes) {
    const auto applied = options_.model->AppliedAt(write.session, MarkOf(write));
    if (!applied || *applied > committed.version) {
      Break(absl::DataLossError("delta " + write.Name() + " is told applied at " +
                                std::to_string(committed.version) + ", and is not"));
    }
  }
  if (!delivering) return;
  options_.model->Count(!committed.delivered              ? "told durable, delivery unknown"
                        : committed.missing_nodes.empty() ? "told delivered to all"
                                                          : "told delivered but to some");
  if (!committed.delivered) return;
  delivered_.push_back({write.session, committed.version, write.deletes, committed.missing_nodes});
}

void SimulatedNode::FollowIds(const client::Outputs& outputs) {
  for (const client::IdChangeDone& done : outputs.id_changes) {
    const auto asked = id_changes_.extract(done.token);
    const Renaming& change = asked.mapped();
    // One that ends because the history has ended says nothing of this one.
    if (InPast() || !numbers_.contains(change.session)) continue;
    Break(options_.model->IdChanged(change.session, change.id, change.asked_at_us, done.status));
  }
  std::map<std::string, client::CopyRef> held;
  for (const auto& [id, ref] : held_) {
    const auto now_id = machine_.IdOf(ref);
    if (!now_id) continue;
    const auto [other, inserted] = held.try_emplace(*now_id, ref);
    if (inserted) continue;
    machine_.Unpin(other->second.stamp < ref.stamp ? other->second : ref);
    if (other->second.stamp < ref.stamp) other->second = ref;
  }
  held_ = std::move(held);
}

absl::Status SimulatedNode::CheckAnyItem(const v1::Item& item) {
  if (item.has_opened()) {
    const auto question = questions_.extract(item.opened().request());
    if (question.empty()) return absl::DataLossError("an Open is answered that was not sent");
    return options_.model->Opened(question.mapped().open, question.mapped().sent_at_us,
                                  item.opened());
  }
  if (item.has_answer() || item.has_delivered()) return absl::OkStatus();
  if (item.handle() == 0) {
    const uint64_t seq = item.seq() != 0 ? item.seq() : lane_.LastAnswered() + 1;
    return options_.model->Answered(incarnation_, seq, item);
  }
  const SessionNumber session = lane_.SessionOf(item.handle());
  if (item.has_changes() || item.has_catch_up()) ++heard_[session].changes;
  if (item.has_invalidated()) {
    options_.model->Count("invalidated");
    ++heard_[session].invalidations;
    Version& old = called_old_[session];
    old = std::max<Version>(old, item.from() + item.span());
  }
  return absl::OkStatus();
}

void SimulatedNode::CheckAnySent(const v1::NodeFrame& frame) {
  if (frame.has_hello()) {
    questions_.clear();
  }
  for (const v1::Open& open : frame.opens()) {
    questions_[open.request()] = {open, options_.model->now_us()};
  }
  for (int i = 0; i < frame.deltas_size(); ++i) {
    const v1::Delta& delta = frame.deltas(i);
    const SessionNumber session =
        delta.number() != 0 ? delta.number() : lane_.SessionOf(delta.handle());
    Break(
        options_.model->Sent(incarnation_, frame.first_seq() + static_cast<uint64_t>(i), session));
  }
}

// One that is getting another id waits for that first, and its own commits may bring it on.
bool SimulatedNode::ComesBack(const client::CopyRef& ref) const {
  const bool renaming =
      std::any_of(id_changes_.begin(), id_changes_.end(),
                  [&ref](const auto& one) { return one.second.session == ref.number; });
  return machine_.InterestOf(ref) == Interest::kPush && !renaming;
}

// True while the copy may show what the hub has taken in only.
bool SimulatedNode::WaitsForReceived(SessionNumber session, Version shown) const {
  const auto received = received_.find(session);
  if (received == received_.end()) return false;
  // Of a history that has ended the model does not know any more what was applied.
  if (machine_.unanswered() > 0 || InPast()) return true;
  return std::any_of(received->second.begin(), received->second.end(), [&](const Path& mark) {
    return options_.model->AppliedAt(session, mark).value_or(0) > shown;
  });
}

// ---- what it holds ----

absl::Status SimulatedNode::CheckEnd() const {
  for (const auto& [session, marks] : received_) {
    for (const Path& mark : marks) {
      if (options_.model->IsDecided(session, mark)) continue;
      return absl::DataLossError(mark.ToText() + " was received, and is not decided");
    }
  }
  return resumable_.Settled();
}

std::optional<Version> SimulatedNode::Shows(SessionNumber session, client::Time now) {
  while (!said_.empty() && now - said_.front().first > options_.stale_max) said_.pop_front();
  for (const auto& [heard, said_at] : said_) {
    if (now - said_at > options_.stale_max) return std::nullopt;
  }
  for (const auto& [id, ref] : held_) {
    if (ref.number != session || machine_.InterestOf(ref) == Interest::kNone) continue;
    const std::string& own = id;
    const bool opening = std::any_of(opens_.begin(), opens_.end(),
                                     [&own](const auto& open) { return open.second == own; });
    if (opening) continue;  // there may have been no interest so far
    const auto view = machine_.Read(ref, now);
    if (view.ok()) return (*view)->version;
  }
  return std::nullopt;
}

Interest SimulatedNode::InterestIn(const std::string& id) const {
  const auto held = held_.find(id);
  return held == held_.end() ? Interest::kNone : machine_.InterestOf(held->second);
}

bool SimulatedNode::CommitsTo(const std::string& id) {
  const auto held = held_.find(id);
  if (held == held_.end()) return false;
  const size_t before = ledger_->size();
  Write write;
  write.writer = options_.life;
  write.index = last_index_ + 1;
  write.session = held->second.number;
  const auto token = machine_.Commit(held->second, Delta{testing::MarksOf(write)});
  if (!token.ok()) return false;
  ++last_index_;
  commits_[*token] = before;
  ++unanswered_[write.session];
  ledger_->push_back(std::move(write));
  return true;
}

}  // namespace sessionhub::simulation
