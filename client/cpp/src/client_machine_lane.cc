// What the items of the hub's lane mean to the ClientMachine.
#include <algorithm>
#include <optional>
#include <utility>

#include "client/cpp/src/client_machine.h"
#include "proto/session/refusal.h"
#include "proto/session/wire.h"

namespace sessionhub::client {
namespace {

// (from, to] of an item; a forward and an ack that say no span cover one version.
Version EndOf(const v1::Item& item) {
  const bool one = item.span() == 0 && !item.has_catch_up() && !item.already();
  return item.from() + (one ? 1 : item.span());
}

}  // namespace

void ClientMachine::OnItem(const v1::Item& item, Time now) {
  if (item.has_opened()) return OnOpened(item);
  if (item.has_delivered()) return sessions_.Delivered(item.seq(), item.delivered());
  if (item.has_answer()) return OnRequestAnswer(item.answer(), now);
  if (item.handle() == 0) return OnAnswer(item);
  Copy* copy = sessions_.cache().FindByHandle(item.handle());
  if (!copy) return;  // closed, and this was on its way
  switch (item.what_case()) {
    case v1::Item::kChanges:
      return OnForward(copy, item);
    case v1::Item::kCatchUp:
      return OnCatchUp(copy, item);
    case v1::Item::kInvalidated:
      return OnInvalidated(copy, item);
    case v1::Item::kRenamed:
      if (item.receipt()) receipts_.emplace_back().set_handle(item.handle());
      return sessions_.Renamed(copy, item.renamed().id());
    case v1::Item::kEnded:
      return OnEnded(copy, item);
    default:
      // Something this version does not know: only a catch-up can tell.
      return sessions_.Missed(copy, EndOf(item));
  }
}

void ClientMachine::OnAnswer(const v1::Item& item) {
  const uint64_t seq = item.seq() != 0 ? item.seq() : last_answered_seq_ + 1;
  last_answered_seq_ = seq;
  PendingWrite* write = sessions_.writes().Find(seq);
  if (!write || write->answered) return;
  if (item.has_refused()) {
    OnRefused(write, {item.refused().reason(), item.refused().message()});
    return;
  }
  ++counts_.commits_applied;
  if (item.already()) {
    sessions_.AlreadyApplied(write, item.from());
  } else {
    sessions_.Applied(write, item.from(), EndOf(item));
  }
}

void ClientMachine::OnRefused(PendingWrite* write, const Refusal& refusal) {
  const bool told = write->told;
  const int ended = sessions_.Refused(write, refusal);
  counts_.commits_refused += static_cast<uint64_t>(ended);
  if (told && ended > 0) {
    Log(LogSeverity::kWarning, "a commit that the hub had received was refused (" +
                                   v1::RefusalReason_Name(refusal.reason) +
                                   "): " + refusal.message);
  }
}

void ClientMachine::OnOpened(const v1::Item& item) {
  const v1::Opened& opened = item.opened();
  std::optional<OpenRequest> request = opens_.Take(opened.request());
  // While the Open was on its way, the handle was closed: that may have ended this very interest,
  // or what the handle stood for before. So it is asked for once more, behind the close.
  const auto closed = closed_.find(item.handle());
  const bool lost = request && closed != closed_.end() && closed->second >= request->sent_in;
  if (closed != closed_.end() && !lost) closed_.erase(closed);
  if (!request) return;
  if (opened.has_refused()) {
    OnOpenRefused(*std::move(request), {opened.refused().reason(), opened.refused().message()});
    return;
  }
  // One whose close waits to be sent is in use again: nobody else can have it.
  TakeWishes();
  closes_.erase(std::remove(closes_.begin(), closes_.end(), item.handle()), closes_.end());
  // An alias says less of the id than what is known.
  const Copy* known = lost ? sessions_.cache().Find(opened.number()) : nullptr;
  const std::string id = known ? known->id : request->id;
  sessions_.Opened(id, opened.number(), item.handle(), std::move(request->waiters),
                   request->interest);
  Copy* copy = sessions_.cache().Find(opened.number());
  // Two Opens on their way may have asked for unlike interest, and the hub goes by the later one.
  const bool unlike = Invalidates(request->interest) != Invalidates(copy->interest);
  if (lost) {
    sessions_.HandleLost(copy, /*doubtful=*/true);
  } else if (unlike) {
    AskInterest(copy);
  }
}

void ClientMachine::OnOpenRefused(OpenRequest request, const Refusal& refusal) {
  const bool gone = refusal.reason == v1::GONE || refusal.reason == v1::NOT_FOUND ||
                    refusal.reason == v1::RENAMED;
  if (request.number == 0 || !gone) {
    FailOpens(request.waiters, StatusOf(refusal));
    return;
  }
  if (Copy* copy = sessions_.cache().Find(request.number)) {
    // Of a copy that has another id by now, or may have, the answer says nothing.
    if (copy->id == request.id && !id_changes_.Concerns(request.number)) {
      // One that has another id by now lives, and this node may not know under which.
      sessions_.Ended(copy,
                      refusal.reason == v1::RENAMED ? Event::Kind::kLost : Event::Kind::kDeleted);
    } else if (copy->state == Copy::State::kAwaiting || copy->interest != Interest::kNone) {
      AskInterest(copy);
    }
  }
  if (request.waiters.empty()) return;
  // The callers asked for the id, whose next life may be there already, or is theirs to create.
  OpenRequest* next = opens_.FindShareable(request.id, request.create, /*unsent_only=*/true,
                                           request.interest, request.settings);
  if (!next) {
    next = opens_.Add(request.id, request.create, 0, request.interest, request.settings);
  }
  next->waiters.insert(next->waiters.end(), request.waiters.begin(), request.waiters.end());
}

void ClientMachine::OnEnded(Copy* copy, const v1::Item& item) {
  if (item.ended().why() == v1::Ended::UNKNOWN) {
    sessions_.HandleLost(copy);
    return;
  }
  if (item.ended().why() == v1::Ended::UNREADABLE) {
    Log(LogSeverity::kError, "the hub cannot read session " + std::to_string(copy->ref.number));
    sessions_.Unreadable(copy);
    return;
  }
  if (item.receipt()) receipts_.emplace_back().set_handle(item.handle());
  sessions_.Ended(copy, item.ended().why() == v1::Ended::EXPIRED ? Event::Kind::kExpired
                                                                 : Event::Kind::kDeleted);
}

void ClientMachine::OnInvalidated(Copy* copy, const v1::Item& item) {
  if (item.receipt()) receipts_.emplace_back().set_handle(item.handle());
  copy->version_called = std::max(copy->version_called, EndOf(item));
  if (copy->interest == Interest::kInvalidate) {
    sessions_.Invalidated(copy, EndOf(item));
  } else {  // more is asked for by now
    sessions_.Missed(copy, EndOf(item));
  }
}

// A copy that does not get there by this item gets there by a catch-up, which asks anew.
void ClientMachine::GiveReceipt(const Copy& copy, const v1::Item& item) {
  if (!item.receipt() || copy.version < EndOf(item)) return;
  v1::Receipt& receipt = receipts_.emplace_back();
  receipt.set_handle(item.handle());
  receipt.set_version(EndOf(item));
}

bool ClientMachine::DecodeOps(const google::protobuf::RepeatedPtrField<v1::Op>& ops,
                              Delta* delta) const {
  delta->operations.reserve(ops.size());
  const FindPath find_path = [this](uint32_t number) { return paths_.Find(number); };
  for (const v1::Op& op : ops) {
    absl::StatusOr<Operation> operation = DecodeOp(op, find_path);
    if (!operation.ok()) return false;
    delta->operations.push_back(*std::move(operation));
  }
  return true;
}

void ClientMachine::OnForward(Copy* copy, const v1::Item& item) {
  ++counts_.forwards_received;
  Delta changes;
  if (!DecodeOps(item.changes().ops(), &changes)) {
    sessions_.Missed(copy, EndOf(item));
    return;
  }
  if (item.changes().has_idle_timeout_ms()) {
    changes.settings.idle_timeout_ms =
        std::min<uint64_t>(item.changes().idle_timeout_ms(), kTimeoutMsMax);
  }
  sessions_.Forwarded(copy, item.from(), EndOf(item), changes);
  GiveReceipt(*copy, item);
}

void ClientMachine::OnCatchUp(Copy* copy, const v1::Item& item) {
  const v1::CatchUp& wire = item.catch_up();
  Sessions::CatchUpPart part{wire.first(),        wire.replace(), wire.more(), wire.behind(),
                             wire.included_seq(), item.from(),    EndOf(item), {}};
  if (!DecodeOps(wire.ops(), &part.changes)) {
    Log(LogSeverity::kError, "a catch-up cannot be read: connecting anew");
    wants_reconnect_ = true;
    return;
  }
  part.changes.settings.idle_timeout_ms = std::min<uint64_t>(wire.idle_timeout_ms(), kTimeoutMsMax);
  if (!part.more) ++counts_.catch_ups_received;
  const Version held = copy->version;
  const bool moved_on = sessions_.CaughtUp(copy, std::move(part));
  GiveReceipt(*copy, item);
  if (moved_on) return;
  Log(LogSeverity::kWarning, "the hub is behind this node: session " +
                                 std::to_string(copy->ref.number) + " goes back from version " +
                                 std::to_string(held) + " to " + std::to_string(copy->version));
}

}  // namespace sessionhub::client
