// What the items of the hub's lane mean to the ClientMachine.
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

void ClientMachine::OnItem(const v1::Item& item) {
  if (item.has_opened()) return OnOpened(item);
  if (item.handle() == 0) return OnAnswer(item);
  Copy* copy = sessions_.cache().FindByHandle(item.handle());
  if (!copy) return;  // closed, and this was on its way
  switch (item.what_case()) {
    case v1::Item::kChanges:
      return OnForward(copy, item);
    case v1::Item::kCatchUp:
      return OnCatchUp(copy, item);
    case v1::Item::kEnded:
      return OnEnded(copy, item.ended());
    default:
      // An invalidation, or something this version does not know: only a catch-up can tell.
      return sessions_.Missed(copy, EndOf(item));
  }
}

void ClientMachine::OnAnswer(const v1::Item& item) {
  const uint64_t seq = item.seq() != 0 ? item.seq() : last_answered_seq_ + 1;
  last_answered_seq_ = seq;
  PendingWrite* write = sessions_.writes().Find(seq);
  if (!write || write->answered) return;
  if (item.has_refused()) {
    ++counts_.commits_refused;
    sessions_.Refused(write, {item.refused().reason(), item.refused().message()});
    return;
  }
  ++counts_.commits_applied;
  if (item.already()) {
    sessions_.AlreadyApplied(write, item.from());
  } else {
    sessions_.Applied(write, item.from(), EndOf(item));
  }
}

void ClientMachine::OnOpened(const v1::Item& item) {
  const v1::Opened& opened = item.opened();
  closed_.erase(item.handle());
  std::optional<OpenRequest> request = opens_.Take(opened.request());
  if (!request) return;
  if (opened.has_refused()) {
    OnOpenRefused(*std::move(request), {opened.refused().reason(), opened.refused().message()});
    return;
  }
  sessions_.Opened(request->id, opened.number(), item.handle(), std::move(request->waiters));
}

void ClientMachine::OnOpenRefused(OpenRequest request, const Refusal& refusal) {
  const bool gone = refusal.reason == v1::GONE || refusal.reason == v1::NOT_FOUND;
  if (request.number == 0 || !gone) {
    FailOpens(request.waiters, StatusOf(refusal));
    return;
  }
  if (Copy* copy = sessions_.cache().Find(request.number)) sessions_.Ended(copy);
  if (request.waiters.empty()) return;
  // The callers asked for the id, whose next life may be there already, or is theirs to create.
  OpenRequest* next = opens_.FindShareable(request.id, request.create, /*unsent_only=*/true);
  if (!next) next = opens_.Add(request.id, request.create, 0);
  next->waiters.insert(next->waiters.end(), request.waiters.begin(), request.waiters.end());
}

void ClientMachine::OnEnded(Copy* copy, const v1::Ended& ended) {
  if (ended.why() == v1::Ended::UNKNOWN) {
    sessions_.HandleLost(copy);
  } else {
    sessions_.Ended(copy);
  }
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
  sessions_.Forwarded(copy, item.from(), EndOf(item), changes);
}

void ClientMachine::OnCatchUp(Copy* copy, const v1::Item& item) {
  const v1::CatchUp& wire = item.catch_up();
  Sessions::CatchUpPart part{wire.replace(), wire.more(), wire.included_seq(),
                             item.from(),    EndOf(item), {}};
  if (!DecodeOps(wire.ops(), &part.changes)) {
    Log(LogSeverity::kError, "a catch-up cannot be read: connecting anew");
    wants_reconnect_ = true;
    return;
  }
  if (!part.more) ++counts_.catch_ups_received;
  const Version held = copy->version;
  if (sessions_.CaughtUp(copy, std::move(part))) return;
  Log(LogSeverity::kWarning, "the hub is behind this node: session " +
                                 std::to_string(copy->ref.number) + " goes back from version " +
                                 std::to_string(held) + " to " + std::to_string(copy->version));
}

}  // namespace sessionhub::client
