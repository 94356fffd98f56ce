// What becomes of writes that are refused: told to their callers, or sent again as new deltas.
//
// A write that was sent as a splice on a base that the hub does not hold any more is repeated with
// whole values, under a new number. It waits until everything of its session that was sent after it
// has its answer; what of that was applied is newer, so its fields are left out of the repetition.
// Meanwhile nothing is sent that was never sent, so that nothing overtakes it.
#include <algorithm>

#include "client/cpp/src/refused.h"
#include "client/cpp/src/sessions.h"

namespace sessionhub::client {
namespace {

// Two increments of a field both count, whichever is first.
bool Overwrites(const Delta& newer, const Operation& older) {
  return std::any_of(newer.operations.begin(), newer.operations.end(),
                     [&older](const Operation& operation) {
                       if (operation.kind == Operation::Kind::kEraseSubtree) {
                         return operation.path.Covers(older.path);
                       }
                       const bool both_count = operation.kind == Operation::Kind::kIncrement &&
                                               older.kind == Operation::Kind::kIncrement;
                       return operation.path == older.path && !both_count;
                     });
}

// Leaves out of `older` what `newer` sets.
void Overwrite(const Settings& newer, Settings* older) {
  if (newer.idle_timeout_ms) older->idle_timeout_ms.reset();
  if (newer.absolute_timeout_ms) older->absolute_timeout_ms.reset();
  if (newer.owner) older->owner.reset();
}

}  // namespace

// The write of the same session just before or after this one, or nullptr.
PendingWrite* Sessions::Neighbour(const PendingWrite& write, ptrdiff_t distance) const {
  const std::vector<PendingWrite*>& writes = writes_.Of(write.session);
  const auto place = std::find(writes.begin(), writes.end(), &write) - writes.begin() + distance;
  return place >= 0 && place < static_cast<ptrdiff_t>(writes.size()) ? writes[place] : nullptr;
}

bool Sessions::MayRepeat(const PendingWrite& write, v1::RefusalReason reason) const {
  if (reason == v1::BASE_CHANGED) return write.spliced;
  if (reason != v1::PREVIOUS_REFUSED || write.previous_refused != 0) return false;
  const PendingWrite* previous = Neighbour(write, -1);
  return previous && previous->waiting;
}

int Sessions::Refused(PendingWrite* write, const Refusal& refusal) {
  const SessionNumber session = write->session;
  int refused = 0;
  if (MayRepeat(*write, refusal.reason)) {
    if (Copy* copy = cache_.Find(session)) copy->view.reset();
    // The hub looks at bases last, so its previous one was applied; and the repetition's previous
    // one would be this refusal.
    if (refusal.reason == v1::BASE_CHANGED) write->delta.after_previous = false;
    writes_.MarkWaiting(write);
  } else {
    refused = RefusedForGood(write, refusal);
  }
  RepeatWaiting(session);
  return refused;
}

int Sessions::RefusedForGood(PendingWrite* write, const Refusal& refusal) {
  Copy* copy = cache_.Find(write->session);
  if (copy) copy->view.reset();
  if (write->ack == Ack::kDelivered) --deliveries_;
  Tell(*write, RefusedAs(refusal));
  if (copy && copy->last_commit == write->token) copy->last_refused = true;
  PendingWrite* next = Neighbour(*write, 1);
  if (next && (!next->delta.after_previous || next->answered)) next = nullptr;
  // The hub decides about one that is on its way, so it must not forget this refusal before.
  const bool on_its_way = next && next->sent_ever && !next->waiting;
  if (on_its_way) writes_.HoldSeen(next, write->seq);
  writes_.Remove(write);
  if (!next || on_its_way) return 1;
  return 1 + RefusedForGood(next, {v1::PREVIOUS_REFUSED, ReasonText(v1::PREVIOUS_REFUSED)});
}

// `write` is applied at `to`: older writes that wait must not undo it.
void Sessions::Overtaken(const PendingWrite& write, Version to) {
  std::vector<uint64_t> emptied;
  for (PendingWrite* older : writes_.Of(write.session)) {
    if (!older->waiting || older->seq > write.seq) continue;
    auto& operations = older->delta.operations;
    operations.erase(std::remove_if(operations.begin(), operations.end(),
                                    [&write](const Operation& operation) {
                                      return Overwrites(write.delta, operation);
                                    }),
                     operations.end());
    Overwrite(write.delta.settings, &older->delta.settings);
    if (older->delta.empty()) emptied.push_back(older->seq);
  }
  for (uint64_t seq : emptied) {
    PendingWrite* older = writes_.Find(seq);
    if (!older) continue;  // refused with the one before it
    // A resend would have judged them, and the lock, anew.
    if (older->delta.HasConditions() || older->delta.lock_token != 0) {
      RefusedForGood(older, {v1::VERSION_CHANGED, ReasonText(v1::VERSION_CHANGED)});
      continue;
    }
    // Whoever looks at `to` sees both, the older one overwritten as a whole.
    older->asks_delivery = false;
    TellApplied(*older, to);
    PendingWrite* next = Neighbour(*older, 1);
    if (next && next->waiting) next->delta.after_previous = false;
    writes_.Remove(older);
  }
}

void Sessions::RepeatWaiting(SessionNumber session) {
  bool waiting = false;
  for (const PendingWrite* write : writes_.Of(session)) {
    if (waiting && write->sent_ever && !write->answered && !write->waiting) return;
    waiting |= write->waiting;
  }
  if (waiting) writes_.Requeue(session);
}

void Sessions::NoteRefused(const CopyRef& ref) {
  Copy* copy = cache_.Find(ref);
  if (!copy) return;
  copy->last_commit = 0;
  copy->last_refused = true;
}

}  // namespace sessionhub::client
