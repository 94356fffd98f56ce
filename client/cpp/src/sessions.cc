#include "client/cpp/src/sessions.h"

#include <algorithm>

#include "proto/session/error_codes.h"

namespace sessionhub::client {
namespace {

absl::Status Over(const std::string& id) {
  return ErrorStatus(v1::GONE, "the session has ended (id of " + std::to_string(id.size()) +
                                   " bytes): open its id again");
}

// The fields that `changes` touched, as they are afterwards.
std::vector<FieldChange> ChangesOf(const Delta& changes, const FieldMap& fields) {
  std::vector<FieldChange> all;
  for (const Operation& operation : changes.operations) {
    FieldChange& change = all.emplace_back();
    change.path = operation.path.ToText();
    change.subtree = operation.kind == Operation::Kind::kEraseSubtree;
    if (auto it = fields.find(operation.path); it != fields.end()) change.value = it->second;
  }
  return all;
}

}  // namespace

absl::Status Sessions::Commit(Token token, const CopyRef& ref, Delta delta, Ack ack,
                              Splices splices) {
  Copy* copy = cache_.Find(ref);
  if (!copy) return ErrorStatus(v1::GONE, "the session has ended: open its id again");
  if (delta.after_previous && copy->last_refused) {
    return RefusalStatus(v1::PREVIOUS_REFUSED, ReasonText(v1::PREVIOUS_REFUSED));
  }
  if (absl::Status room = writes_.CheckRoom(WriteBytes(delta, splices)); !room.ok()) return room;
  if (ack == Ack::kDelivered) {
    if (deliveries_ >= kDeliveriesMax) {
      return absl::ResourceExhaustedError(
          std::to_string(kDeliveriesMax) +
          " commits wait for delivery: commit as durable, or later");
    }
    ++deliveries_;
  }
  writes_.Add(token, ref.number, std::move(delta), ack, std::move(splices));
  copy->last_commit = token;
  copy->last_refused = false;
  copy->view.reset();
  cache_.Touch(copy);
  return absl::OkStatus();
}

std::shared_ptr<const ViewImpl> Sessions::ViewOf(Copy* copy) {
  if (copy->view) return copy->view;
  std::shared_ptr<SharedFields> fields = copy->fields;
  for (const PendingWrite* write : writes_.Of(copy->ref.number)) {
    if (write->included) continue;
    if (fields == copy->fields) {
      fields = std::make_shared<SharedFields>();
      fields->map = copy->fields->map;
    }
    // A write that does not apply to these fields will be refused, or applies once the copy is
    // newer.
    (void)Apply(write->delta, &fields->map);
  }
  copy->view = std::make_shared<const ViewImpl>(copy->version, std::move(fields));
  return copy->view;
}

void Sessions::Opened(const std::string& id, SessionNumber number, uint32_t handle,
                      std::vector<Token> waiters, Interest interest) {
  if (Copy* older = cache_.FindById(id); older && older->ref.number != number) Ended(older);
  Copy* copy = cache_.Find(number);
  if (!copy) copy = cache_.Add(id, number);
  // By an id that it had: it keeps the one that the hub has told since.
  if (copy->former_id != id) Renamed(copy, id);
  cache_.SetHandle(copy, handle);
  copy->interest = std::max(copy->interest, interest);
  if (copy->state == Copy::State::kLive) copy->fresh_at = heard_at_;
  copy->state = Copy::State::kAwaiting;
  if (waiters.empty()) return;
  std::vector<Token>& all = waiters_[number];
  all.insert(all.end(), waiters.begin(), waiters.end());
}

void Sessions::ForgetWaiter(Token token) {
  for (auto it = waiters_.begin(); it != waiters_.end(); ++it) {
    auto waiter = std::find(it->second.begin(), it->second.end(), token);
    if (waiter == it->second.end()) continue;
    it->second.erase(waiter);
    if (it->second.empty()) waiters_.erase(it);
    return;
  }
}

void Sessions::Forwarded(Copy* copy, Version from, Version to, const Delta& changes) {
  const NearCache::Outcome outcome = cache_.Apply(copy, from, to, changes);
  if (outcome == NearCache::Outcome::kGap) return Gap(copy, to);
  if (outcome == NearCache::Outcome::kApplied && copy->watchers > 0) {
    Note(*copy, Event::Kind::kChanged, from, to);
    events_.back().event.changes = ChangesOf(changes, copy->fields->map);
  }
  ApplyAnswered(copy);
}

void Sessions::Note(const Copy& copy, Event::Kind kind, Version from, Version to) {
  if (copy.watchers == 0) return;
  CopyEvent& noted = events_.emplace_back();
  noted.copy = copy.ref;
  noted.event.kind = kind;
  noted.event.from = from;
  noted.event.to = to;
}

bool Sessions::Watch(const CopyRef& ref, bool watched) {
  Copy* copy = cache_.Find(ref);
  if (copy) copy->watchers += watched ? 1 : -1;
  return copy != nullptr;
}

void Sessions::Renamed(Copy* copy, const std::string& new_id) {
  if (copy->id == new_id) return;  // told once more
  copy->former_id = copy->id;
  cache_.SetId(copy, new_id);
  if (copy->watchers == 0) return;
  Note(*copy, Event::Kind::kRenamed, 0, 0);
  events_.back().event.new_id = new_id;
}

Version Sessions::Tell(Copy* copy) {
  if (!copy->version_told) copy->version_told = copy->version;
  return copy->version;
}

bool Sessions::CaughtUp(Copy* copy, CatchUpPart part) {
  if (part.first) {
    copy->staged = {};
    copy->awaits_first = false;
  }
  if (copy->awaits_first) {
    if (!part.more && !part.behind) Ask(copy);
    return true;
  }
  copy->staged.replace |= part.replace;
  std::vector<Operation>& staged = copy->staged.changes.operations;
  if (staged.empty()) {
    staged = std::move(part.changes.operations);
  } else {
    std::move(part.changes.operations.begin(), part.changes.operations.end(),
              std::back_inserter(staged));
  }
  copy->staged.changes.settings = part.changes.settings;
  if (part.more) return true;
  const auto whole = std::exchange(copy->staged, {});
  const Version held = copy->version;
  const NearCache::Outcome outcome =
      cache_.Install(copy, whole.replace, part.from, part.to, whole.changes);
  if (outcome == NearCache::Outcome::kGap) {
    Ask(copy);
    return true;
  }
  if (copy->state == Copy::State::kLive && part.behind) copy->fresh_at = heard_at_;
  copy->state = part.behind ? Copy::State::kAwaiting : Copy::State::kLive;
  copy->closed = false;
  if (copy->version != held) Note(*copy, Event::Kind::kCaughtUp, held, copy->version);
  if (outcome == NearCache::Outcome::kReverted) {
    // What the older data do not hold is lost, and what went by since was taken for old.
    DropAnswered(copy);
    copy->version_known = copy->version_called = 0;
    Ask(copy);
  }
  DropIncluded(copy, part.included_seq);
  ApplyAnswered(copy);
  // Something newer went by while the catch-up was on its way.
  if (copy->version_known > copy->version) Gap(copy, copy->version_known);
  if (copy->state == Copy::State::kLive && copy->interest == Interest::kNone) CloseHandle(copy);
  // Who opened it may have asked for a version that only the next one brings.
  if (!part.behind) FinishWaiters(copy);
  return outcome != NearCache::Outcome::kReverted;
}

void Sessions::Missed(Copy* copy, Version version_known) {
  Gap(copy, version_known);
}

void Sessions::Gap(Copy* copy, Version version_known) {
  copy->version_known = std::max(copy->version_known, version_known);
  // Otherwise it is asked for, or will be.
  using State = Copy::State;
  if (copy->state != State::kCut && copy->state != State::kAwaiting) Ask(copy);
}

void Sessions::Ask(Copy* copy) {
  if (copy->state == Copy::State::kLive) copy->fresh_at = heard_at_;
  copy->state = Copy::State::kAwaiting;
  ++resyncs_;
  (copy->handle != 0 ? wishes_.resumes : wishes_.reopens).push_back(copy->ref.number);
}

void Sessions::Invalidated(Copy* copy, Version version) {
  if (version <= copy->version) return;
  copy->version_known = std::max(copy->version_known, version);
  if (copy->state != Copy::State::kLive) return;
  Note(*copy, Event::Kind::kChanged, copy->version, version);
  copy->fresh_at = heard_at_;
  copy->state = Copy::State::kOld;
}

void Sessions::CloseHandle(Copy* copy) {
  if (copy->state == Copy::State::kLive) copy->fresh_at = heard_at_;
  if (copy->state != Copy::State::kOld) copy->state = Copy::State::kFetched;
  copy->interest = Interest::kNone;
  if (copy->handle != 0) wishes_.closes.push_back(copy->handle);
  cache_.SetHandle(copy, 0);
}

void Sessions::EndInterest(Copy* copy) {
  CloseHandle(copy);
  if (copy->pins == 0 && writes_.Of(copy->ref.number).empty()) cache_.Drop(copy);
}

void Sessions::DropIncluded(Copy* copy, uint64_t included_seq) {
  const std::vector<PendingWrite*> writes = writes_.Of(copy->ref.number);
  for (PendingWrite* write : writes) {
    if (write->waiting) continue;
    const bool reached = write->answered && write->to <= copy->version;
    if (write->seq > included_seq && !reached) continue;
    write->included = true;
    copy->view.reset();
    if (write->answered) writes_.Remove(write);
  }
}

// Answered writes whose turn has come on the version line become part of the copy.
void Sessions::ApplyAnswered(Copy* copy) {
  const std::vector<PendingWrite*> writes = writes_.Of(copy->ref.number);
  for (PendingWrite* write : writes) {
    if (!write->answered) continue;
    if (write->from != 0 && write->from == copy->version) {
      // As it was sent: a splice keeps the type of what the hub held.
      const Delta spliced = write->spliced ? WithSplices(write->delta, write->splices) : Delta();
      cache_.Apply(copy, write->from, write->to, write->spliced ? spliced : write->delta);
    }
    if (write->to > copy->version) continue;
    copy->view.reset();
    writes_.Remove(write);
  }
}

void Sessions::Ended(Copy* copy, Event::Kind how) {
  Note(*copy, how, 0, 0);
  FailWaiters(copy->ref.number, Over(copy->id));
  if (copy->handle != 0) wishes_.closes.push_back(copy->handle);
  DropAnswered(copy);
  cache_.Drop(copy);
}

void Sessions::Unreadable(Copy* copy) {
  FailWaiters(copy->ref.number,
              ErrorStatus(v1::Ended::UNREADABLE,
                          "the hub cannot read this session from its disk: its log says why"));
  Ended(copy, Event::Kind::kLost);
}

void Sessions::DropAnswered(Copy* copy) {
  const std::vector<PendingWrite*> writes = writes_.Of(copy->ref.number);
  for (PendingWrite* write : writes) {
    if (write->answered) writes_.Remove(write);
  }
  copy->view.reset();
}

void Sessions::HandleLost(Copy* copy, bool doubtful) {
  if (doubtful) copy->staged = {};
  copy->awaits_first |= doubtful;
  copy->closed |= doubtful;
  if (copy->state == Copy::State::kLive) copy->fresh_at = heard_at_;
  cache_.SetHandle(copy, 0);
  copy->state = Copy::State::kAwaiting;
  wishes_.reopens.push_back(copy->ref.number);
}

void Sessions::Applied(PendingWrite* write, Version from, Version to) {
  TellApplied(*write, to);
  write->from = from;
  write->to = to;
  Overtaken(*write, to);
  Settle(write);
}

void Sessions::AlreadyApplied(PendingWrite* write, Version version) {
  TellApplied(*write, version);
  write->to = version;
  Overtaken(*write, version);
  Settle(write);
}

void Sessions::Settle(PendingWrite* write) {
  const SessionNumber session = write->session;
  Install(write);
  RepeatWaiting(session);
}

// Tells the caller, if he was not told that the hub has received it.
void Sessions::Tell(const PendingWrite& write, Committed committed) {
  if (!write.told) commit_done_.push_back({write.token, std::move(committed)});
}

void Sessions::TellApplied(const PendingWrite& write, Version version) {
  Committed committed{Committed::Kind::kApplied, version, absl::OkStatus()};
  if (write.ack == Ack::kDelivered && write.asks_delivery) {
    undelivered_[write.seq] = {write.token, std::move(committed)};
    return;
  }
  if (write.ack == Ack::kDelivered) --deliveries_;
  Tell(write, std::move(committed));
}

void Sessions::Received(uint64_t seq) {
  for (PendingWrite* write : writes_.TakeReceived(seq)) {
    if (write->ack != Ack::kReceived || write->answered || !write->sent) continue;
    Tell(*write, {Committed::Kind::kReceived, 0, absl::OkStatus()});
    write->told = true;
  }
}

void Sessions::Delivered(uint64_t seq, const v1::Delivered& delivered) {
  auto done = undelivered_.extract(seq);
  if (done.empty()) return;
  --deliveries_;
  Committed& committed = done.mapped().committed;
  committed.delivered = !delivered.unknown();
  committed.missing_nodes.assign(delivered.missing_nodes().begin(),
                                 delivered.missing_nodes().end());
  commit_done_.push_back(std::move(done.mapped()));
}

std::optional<Committed> Sessions::GiveUpDelivery(Token token) {
  const auto it = std::find_if(undelivered_.begin(), undelivered_.end(),
                               [token](const auto& entry) { return entry.second.token == token; });
  if (it == undelivered_.end()) return std::nullopt;
  --deliveries_;
  return std::move(undelivered_.extract(it).mapped().committed);
}

void Sessions::EndDeliveries() {
  deliveries_ -= undelivered_.size();
  for (auto& [seq, done] : undelivered_) commit_done_.push_back(std::move(done));
  undelivered_.clear();
}

// Brings an answered write into its copy, or keeps it until its turn on the version line comes.
void Sessions::Install(PendingWrite* write) {
  Copy* copy = cache_.Find(write->session);
  writes_.MarkAnswered(write);
  if (!copy || write->delta.deletes_session) {
    writes_.Remove(write);
    if (copy) Ended(copy);
    return;
  }
  if (write->included) {
    writes_.Remove(write);
    return;
  }
  const Version to = write->to;
  ApplyAnswered(copy);
  if (copy->version < to) Gap(copy, to);
}

void Sessions::Cut() {
  cache_.ForEach([this](Copy* copy) {
    if (copy->state == Copy::State::kLive) copy->fresh_at = heard_at_;
    const bool rests = copy->state == Copy::State::kOld || copy->state == Copy::State::kFetched;
    if (!rests) copy->state = Copy::State::kCut;
    copy->staged = {};
    copy->awaits_first = false;
    copy->version_told.reset();
  });
  wishes_.resumes.clear();
  wishes_.reopens.clear();
  writes_.Rewind();
  EndDeliveries();  // the word may have been on its way, and is not asked for again
}

size_t Sessions::EndWrites(const absl::Status& why, bool restart) {
  // What is Unknown is not known to be applied, and so no previous one to build on.
  cache_.ForEach([this](Copy* copy) {
    for (const PendingWrite* write : writes_.Of(copy->ref.number)) {
      copy->last_refused |= !write->answered;
    }
  });
  const std::vector<PendingWrite> ended = restart ? writes_.Restart() : writes_.Clear();
  for (const PendingWrite& write : ended) Tell(write, {Committed::Kind::kUnknown, 0, why});
  EndDeliveries();
  deliveries_ = 0;
  cache_.ForEach([](Copy* copy) { copy->view.reset(); });
  return ended.size();
}

void Sessions::DropCopies(const absl::Status& why, bool lost) {
  std::vector<Copy*> all;
  cache_.ForEach([&all](Copy* copy) { all.push_back(copy); });
  for (Copy* copy : all) {
    if (lost) Note(*copy, Event::Kind::kLost, 0, 0);
    FailWaiters(copy->ref.number, why);
    cache_.Drop(copy);
  }
}

void Sessions::Evict(const std::function<bool(const std::string&)>& asked) {
  if (cache_.bytes() <= near_cache_bytes_max_) return;
  const auto busy = [this, &asked](const Copy& copy) {
    return asked(copy.id) || waiters_.contains(copy.ref.number) ||
           !writes_.Of(copy.ref.number).empty();
  };
  for (uint32_t handle : cache_.Evict(near_cache_bytes_max_, busy)) {
    wishes_.closes.push_back(handle);
  }
}

void Sessions::Unpin(const CopyRef& ref) {
  if (Copy* copy = cache_.Find(ref); copy && copy->pins > 0) --copy->pins;
}

void Sessions::FinishOpen(Token token, Copy* copy) {
  ++copy->pins;
  cache_.Touch(copy);
  open_done_.push_back({token, copy->ref});
}

void Sessions::FinishWaiters(Copy* copy) {
  auto waiters = waiters_.extract(copy->ref.number);
  if (waiters.empty()) return;
  for (Token token : waiters.mapped()) FinishOpen(token, copy);
}

void Sessions::FailWaiters(SessionNumber session, const absl::Status& why) {
  auto waiters = waiters_.extract(session);
  if (waiters.empty()) return;
  for (Token token : waiters.mapped()) open_done_.push_back({token, why});
}

}  // namespace sessionhub::client
