// How a session gets another id, and how this node's copy follows.
#include <utility>

#include "client/cpp/src/client_machine.h"
#include "client/cpp/src/frame_room.h"
#include "proto/session/error_codes.h"
#include "proto/session/refusal.h"
#include "proto/session/settings.h"

namespace sessionhub::client {
absl::Status ClientMachine::CheckChangesIds() const {
  if (agreed(v1::FEATURE_LIFE)) return absl::OkStatus();
  return ErrorStatus(v1::UNSUPPORTED, "this hub cannot change ids");
}

absl::StatusOr<Token> ClientMachine::ChangeId(const CopyRef& ref, const std::string& id,
                                              std::chrono::milliseconds alias_window) {
  if (!standing_.ok()) return standing_;
  if (absl::Status status = CheckChangesIds(); !status.ok()) return status;
  if (absl::Status status = CheckId(id, limits_); !status.ok()) return status;
  if (alias_window.count() < 0 || alias_window.count() > static_cast<int64_t>(kAliasMsMax)) {
    return absl::InvalidArgumentError("alias_window must be from 0 to " +
                                      std::to_string(kAliasMsMax) + " ms, not " +
                                      std::to_string(alias_window.count()));
  }
  const Copy* copy = sessions_.cache().Find(ref);
  if (!copy) {
    return ErrorStatus(v1::GONE, "the session has ended: open its id again");
  }
  const auto alias_ms = static_cast<uint64_t>(alias_window.count());
  if (absl::Status added = id_changes_.Add(last_token_ + 1, ref.number, copy->id, id, alias_ms);
      !added.ok()) {
    return added;
  }
  return ++last_token_;
}

std::optional<std::string> ClientMachine::IdOf(const CopyRef& ref) const {
  const Copy* copy = sessions_.cache().Find(ref);
  return copy ? std::optional<std::string>(copy->id) : std::nullopt;
}

size_t ClientMachine::FillRenames(v1::NodeFrame* frame, size_t bytes) {
  while (bytes < limits_.frame_bytes_max / 4 && RequestRoom(*frame) > 0) {
    IdChange* change = id_changes_.NextUnsent();
    if (!change) break;
    v1::Rename* rename = frame->add_renames();
    rename->set_request(change->request);
    rename->set_number(change->number);
    rename->set_old_id(change->old_id);
    rename->set_new_id(change->id);
    rename->set_alias_ms(change->alias_ms);
    change->sent = true;
    bytes += rename->ByteSizeLong() + 8;
  }
  return bytes;
}

void ClientMachine::OnRequestAnswer(const v1::Answer& answer, Time now) {
  if (LockRequests::Numbers(answer.request())) return OnLockAnswer(answer, now);
  std::optional<IdChange> change = id_changes_.Take(answer.request());
  if (!change) return;
  absl::Status status;
  if (answer.has_refused()) {
    status = StatusOf({answer.refused().reason(), answer.refused().message()});
  }
  if (Copy* copy = sessions_.cache().Find(change->number)) {
    if (status.ok()) sessions_.Renamed(copy, change->id);
    const bool unasked = copy->handle == 0 && copy->state == Copy::State::kAwaiting;
    if (unasked || copy->asks_interest) AskInterest(copy);
  }
  EndIdChanges(change->waiters, status);
}

// The hub may have another interest down for it, or none. Once it is known which id it has.
void ClientMachine::AskInterest(Copy* copy) {
  copy->asks_interest = id_changes_.Concerns(copy->ref.number);
  // An Open that is on its way for less comes back here with its answer.
  if (copy->asks_interest || opens_.FindByNumber(copy->id, copy->ref.number)) return;
  opens_.Add(copy->id, Create::kNever, copy->ref.number, copy->interest);
}

void ClientMachine::EndIdChanges(const std::vector<Token>& tokens, const absl::Status& status) {
  for (Token token : tokens) id_changes_done_.push_back({token, status});
}

}  // namespace sessionhub::client
