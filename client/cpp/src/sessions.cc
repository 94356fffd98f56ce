#include "client/cpp/src/sessions.h"

#include <algorithm>

namespace sessionhub::client {
namespace {

absl::Status Over(const std::string& id) {
  return absl::NotFoundError("the session has ended (id of " + std::to_string(id.size()) +
                             " bytes): open its id again");
}

}  // namespace

absl::Status Sessions::Commit(Token token, const CopyRef& ref, Delta delta) {
  Copy* copy = cache_.Find(ref);
  if (!copy) return absl::NotFoundError("the session has ended: open its id again");
  if (absl::Status room = writes_.CheckRoom(delta.SizeBytes()); !room.ok()) return room;
  writes_.Add(token, ref.number, std::move(delta));
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
                      std::vector<Token> waiters) {
  if (Copy* older = cache_.FindById(id); older && older->ref.number != number) Ended(older);
  Copy* copy = cache_.Find(number);
  if (!copy) copy = cache_.Add(id, number);
  cache_.SetHandle(copy, handle);
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
  if (cache_.Apply(copy, from, to, changes) == NearCache::Outcome::kGap) {
    Gap(copy, to);
  } else {
    ApplyAnswered(copy);
  }
}

Version Sessions::Tell(Copy* copy) {
  if (!copy->version_told) copy->version_told = copy->version;
  return copy->version;
}

bool Sessions::CaughtUp(Copy* copy, CatchUpPart part) {
  copy->staged.replace |= part.replace;
  std::vector<Operation>& staged = copy->staged.changes.operations;
  if (staged.empty()) {
    staged = std::move(part.changes.operations);
  } else {
    std::move(part.changes.operations.begin(), part.changes.operations.end(),
              std::back_inserter(staged));
  }
  if (part.more) return true;
  const auto whole = std::exchange(copy->staged, {});
  const NearCache::Outcome outcome =
      cache_.Install(copy, whole.replace, part.from, part.to, whole.changes);
  if (outcome == NearCache::Outcome::kGap) {
    Ask(copy);
    return true;
  }
  copy->state = Copy::State::kLive;
  if (outcome == NearCache::Outcome::kReverted) {
    // What the older data do not hold is lost, and what went by since was taken for old.
    DropAnswered(copy);
    copy->version_known = 0;
    Ask(copy);
  }
  DropIncluded(copy, part.included_seq);
  ApplyAnswered(copy);
  // Something newer went by while the catch-up was on its way.
  if (copy->version_known > copy->version) Gap(copy, copy->version_known);
  auto waiters = waiters_.extract(copy->ref.number);
  if (!waiters.empty()) {
    for (Token token : waiters.mapped()) FinishOpen(token, copy);
  }
  return outcome != NearCache::Outcome::kReverted;
}

void Sessions::Missed(Copy* copy, Version version_known) {
  Gap(copy, version_known);
}

void Sessions::Gap(Copy* copy, Version version_known) {
  copy->version_known = std::max(copy->version_known, version_known);
  if (copy->state == Copy::State::kLive) Ask(copy);  // else it is asked for, or will be
}

void Sessions::Ask(Copy* copy) {
  if (copy->state == Copy::State::kLive) copy->fresh_at = heard_at_;
  copy->state = Copy::State::kAwaiting;
  ++resyncs_;
  wishes_.resumes.push_back(copy->ref.number);
}

void Sessions::DropIncluded(Copy* copy, uint64_t included_seq) {
  const std::vector<PendingWrite*> writes = writes_.Of(copy->ref.number);
  for (PendingWrite* write : writes) {
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
      cache_.Apply(copy, write->from, write->to, write->delta);
    }
    if (write->to > copy->version) continue;
    copy->view.reset();
    writes_.Remove(write);
  }
}

void Sessions::Ended(Copy* copy) {
  FailWaiters(copy->ref.number, Over(copy->id));
  if (copy->handle != 0) wishes_.closes.push_back(copy->handle);
  DropAnswered(copy);
  cache_.Drop(copy);
}

void Sessions::DropAnswered(Copy* copy) {
  const std::vector<PendingWrite*> writes = writes_.Of(copy->ref.number);
  for (PendingWrite* write : writes) {
    if (write->answered) writes_.Remove(write);
  }
  copy->view.reset();
}

void Sessions::HandleLost(Copy* copy) {
  if (copy->state == Copy::State::kLive) copy->fresh_at = heard_at_;
  cache_.SetHandle(copy, 0);
  copy->state = Copy::State::kAwaiting;
  wishes_.reopens.push_back(copy->ref.number);
}

void Sessions::Applied(PendingWrite* write, Version from, Version to) {
  commit_done_.push_back({write->token, {Committed::Kind::kApplied, to, absl::OkStatus()}});
  write->from = from;
  write->to = to;
  Settle(write);
}

void Sessions::AlreadyApplied(PendingWrite* write, Version version) {
  commit_done_.push_back({write->token, {Committed::Kind::kApplied, version, absl::OkStatus()}});
  write->to = version;
  Settle(write);
}

void Sessions::Refused(PendingWrite* write, const Refusal& refusal) {
  commit_done_.push_back({write->token, {Committed::Kind::kRefused, 0, StatusOf(refusal)}});
  if (Copy* copy = cache_.Find(write->session)) copy->view.reset();
  writes_.Remove(write);
}

void Sessions::Settle(PendingWrite* write) {
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
    copy->state = Copy::State::kCut;
    copy->staged = {};
    copy->version_told.reset();
  });
  wishes_.resumes.clear();
  wishes_.reopens.clear();
  writes_.Rewind();
}

void Sessions::EndWrites(const absl::Status& why, bool restart) {
  for (Token token : restart ? writes_.Restart() : writes_.Clear()) {
    commit_done_.push_back({token, {Committed::Kind::kUnknown, 0, why}});
  }
  cache_.ForEach([](Copy* copy) { copy->view.reset(); });
}

void Sessions::DropCopies(const absl::Status& why) {
  std::vector<Copy*> all;
  cache_.ForEach([&all](Copy* copy) { all.push_back(copy); });
  for (Copy* copy : all) {
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

void Sessions::FailWaiters(SessionNumber session, const absl::Status& why) {
  auto waiters = waiters_.extract(session);
  if (waiters.empty()) return;
  for (Token token : waiters.mapped()) open_done_.push_back({token, why});
}

}  // namespace sessionhub::client
