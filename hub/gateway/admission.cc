#include "hub/gateway/admission.h"

#include <algorithm>
#include <utility>

#include "hub/shard/locks.h"
#include "proto/session/refusal.h"
#include "proto/session/status_macros.h"
#include "proto/session/wire.h"

namespace sessionhub::hub {
namespace {

OutboxItem RefuseOpen(const v1::Open& open, const absl::Status& why) {
  OpenedItem item;
  item.request = open.request();
  item.refusal = RefusalOf(why);
  return item;
}

absl::Status CheckOpen(const v1::Open& open, const Limits& limits, uint64_t features) {
  RETURN_IF_ERROR(CheckId(open.id(), limits));
  if (!v1::CreateMode_IsValid(open.create())) {
    return absl::InvalidArgumentError("create mode is not known to this hub");
  }
  const bool invalidates =
      open.mode() == v1::INTEREST_INVALIDATE && (features & v1::FEATURE_INVALIDATE) != 0;
  if (open.mode() != v1::INTEREST_PUSH && !invalidates) {
    return absl::UnimplementedError(
        "this interest mode is not agreed on this stream: ask for push");
  }
  if (open.new_session().ByteSizeLong() > 0 && (features & v1::FEATURE_LIFE) == 0) {
    return absl::UnimplementedError(
        "timeouts and owner are not agreed on this stream: leave new_session out");
  }
  return CheckSettings(DecodeNewSession(open.new_session()), limits);
}

absl::Status CheckRename(const v1::Rename& rename, const Limits& limits) {
  RETURN_IF_ERROR(CheckId(rename.new_id(), limits));
  RETURN_IF_ERROR(CheckId(rename.old_id(), limits));
  if (rename.alias_ms() > kAliasMsMax) {
    return absl::InvalidArgumentError("alias window of " + std::to_string(rename.alias_ms()) +
                                      " ms is over the limit of " + std::to_string(kAliasMsMax) +
                                      " ms");
  }
  return absl::OkStatus();
}

absl::Status CheckLock(const v1::LockRequest& lock) {
  if (lock.lease_ms() == 0 || lock.lease_ms() > kLockLeaseUsMax / 1000) {
    return absl::InvalidArgumentError("lease of " + std::to_string(lock.lease_ms()) +
                                      " ms is not from 1 to " +
                                      std::to_string(kLockLeaseUsMax / 1000) + " ms");
  }
  if (lock.wait_ms() > kLockWaitUsMax / 1000) {
    return absl::InvalidArgumentError("wait of " + std::to_string(lock.wait_ms()) +
                                      " ms is over the limit of " +
                                      std::to_string(kLockWaitUsMax / 1000) + " ms");
  }
  return absl::OkStatus();
}

// A node sends what it asked for in its Hello, and nothing else.
absl::Status CheckAgreed(const v1::NodeFrame& frame, uint64_t features) {
  if (frame.touches_size() + frame.renames_size() > 0 && (features & v1::FEATURE_LIFE) == 0) {
    return absl::FailedPreconditionError("touches and renames are not agreed on this stream");
  }
  if (frame.locks_size() + frame.unlocks_size() > 0 && (features & v1::FEATURE_LOCKS) == 0) {
    return absl::FailedPreconditionError("locks are not agreed on this stream");
  }
  if (frame.receipts_size() > 0 && (features & v1::FEATURE_DELIVERED) == 0) {
    return absl::FailedPreconditionError("receipts are not agreed on this stream");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckRequests(const v1::NodeFrame& frame) {
  const size_t requests = RequestsOf(frame);
  if (requests <= kFrameRequestsMax) return absl::OkStatus();
  return absl::InvalidArgumentError("a frame asks " + std::to_string(requests) +
                                    " things, over the limit of " +
                                    std::to_string(kFrameRequestsMax) + ": split it");
}

absl::Status CheckHello(const v1::Hello& hello) {
  RETURN_IF_ERROR(CheckName("app", hello.app()));
  RETURN_IF_ERROR(CheckName("node name", hello.node_name()));
  if (hello.incarnation().size() != Incarnation().size()) {
    return absl::InvalidArgumentError("incarnation must be 16 bytes, not " +
                                      std::to_string(hello.incarnation().size()));
  }
  return absl::OkStatus();
}

Admission::Admission(const Limits& limits, Origin origin, std::string app_name, AppNumber app,
                     uint64_t features)
    : limits_(limits),
      origin_(origin),
      app_name_(std::move(app_name)),
      app_(app),
      features_(features) {}

absl::Status Admission::Define(const v1::PathDefinition& definition) {
  if (definition.number() == 0) {
    return absl::InvalidArgumentError("path number 0 is defined: numbers start at 1");
  }
  if (paths_.size() >= limits_.path_definitions_max) {
    return absl::InvalidArgumentError("more paths are defined than path_definitions_max = " +
                                      std::to_string(limits_.path_definitions_max));
  }
  // A path that is not legal is kept as the empty path: each delta that uses it is refused.
  Path path = Path::FromText(definition.path()).value_or(Path());
  if (!paths_.emplace(definition.number(), std::move(path)).second) {
    return absl::InvalidArgumentError("path number " + std::to_string(definition.number()) +
                                      " is defined twice");
  }
  return absl::OkStatus();
}

void Admission::AdmitOpen(const v1::Open& open, Admitted* admitted) {
  if (absl::Status status = CheckOpen(open, limits_, features_); !status.ok()) {
    admitted->answers.push_back(RefuseOpen(open, status));
    return;
  }
  OpenInput input;
  input.origin = origin_;
  input.request = open.request();
  input.name = {SlotOf(app_name_, open.id()), app_, open.id()};
  input.create = open.create();
  input.number = open.number();
  input.version = open.version();
  input.invalidates = open.mode() == v1::INTEREST_INVALIDATE;
  input.settings = DecodeNewSession(open.new_session());
  admitted->inputs.emplace_back(std::move(input));
}

void Admission::AdmitRename(const v1::Rename& rename, Admitted* admitted) {
  if (absl::Status status = CheckRename(rename, limits_); !status.ok()) {
    admitted->answers.push_back(RequestAnswerItem{rename.request(), RefusalOf(status)});
    return;
  }
  RenameInput input;
  input.origin = origin_;
  input.request = rename.request();
  input.number = rename.number();
  input.name = {SlotOf(app_name_, rename.new_id()), app_, rename.new_id()};
  input.old_id = rename.old_id();
  input.alias_us = rename.alias_ms() * 1000;
  admitted->inputs.emplace_back(std::move(input));
}

void Admission::AdmitLock(const v1::LockRequest& lock, Admitted* admitted) const {
  if (absl::Status status = CheckLock(lock); !status.ok()) {
    admitted->answers.push_back(RequestAnswerItem{lock.request(), RefusalOf(status)});
    return;
  }
  LockInput input;
  input.origin = origin_;
  input.request = lock.request();
  input.handle = lock.handle();
  input.number = lock.number();
  input.lease_us = lock.lease_ms() * 1000;
  input.wait_us = lock.wait_ms() * 1000;
  input.token = lock.token();
  admitted->inputs.emplace_back(input);
}

Input Admission::AdmitDelta(const v1::Delta& delta, uint64_t seq,
                            uint64_t answers_seen_through) const {
  CommitInput input;
  input.origin = origin_;
  input.seq = seq;
  input.answers_seen_through = answers_seen_through;
  input.handle = delta.handle();
  input.number = delta.number();
  input.received = delta.received();
  input.delivered = delta.delivered();
  const FindPath find_path = [this](uint32_t number) -> const Path* {
    auto it = paths_.find(number);
    return it == paths_.end() ? nullptr : &it->second;
  };
  absl::StatusOr<Delta> decoded = DecodeDelta(delta, find_path, features_);
  if (decoded.ok()) {
    input.admission = CheckDelta(*decoded, limits_);
    if (input.admission.ok()) input.delta = *std::move(decoded);
  } else {
    input.admission = decoded.status();
  }
  return input;
}

absl::Status Admission::Admit(const v1::NodeFrame& frame, Admitted* admitted) {
  if (frame.has_hello()) return absl::FailedPreconditionError("a second hello on one stream");
  RETURN_IF_ERROR(CheckAgreed(frame, features_));
  RETURN_IF_ERROR(CheckRequests(frame));
  for (const v1::PathDefinition& definition : frame.paths()) RETURN_IF_ERROR(Define(definition));
  for (const v1::Open& open : frame.opens()) AdmitOpen(open, admitted);
  for (const v1::Resume& resume : frame.resumes()) {
    admitted->inputs.emplace_back(ResumeInput{origin_, resume.handle(), resume.version()});
  }
  if (frame.answers_seen_through() > answers_seen_through_) {
    answers_seen_through_ = frame.answers_seen_through();
    seen_untold_ = true;
  }
  // A delta tells it to its own shard only. All of them hear of it with the next frame without any,
  // which is a heartbeat at the latest.
  if (seen_untold_ && frame.deltas_size() == 0) {
    admitted->inputs.emplace_back(SeenInput{origin_, answers_seen_through_});
    seen_untold_ = false;
  }
  if (frame.deltas_size() > 0 && frame.first_seq() <= last_seq_) {
    return absl::FailedPreconditionError("first_seq " + std::to_string(frame.first_seq()) +
                                         " after delta " + std::to_string(last_seq_) +
                                         ": sequence numbers grow on a stream, from 1");
  }
  uint64_t seq = frame.first_seq();
  for (const v1::Delta& delta : frame.deltas()) {
    admitted->inputs.push_back(AdmitDelta(delta, seq, answers_seen_through_));
    last_seq_ = seq++;
    ++admitted->deltas;
  }
  for (uint32_t handle : frame.closes()) {
    admitted->inputs.emplace_back(CloseInput{origin_, handle});
  }
  for (const v1::Receipt& receipt : frame.receipts()) {
    admitted->inputs.emplace_back(ReceiptInput{origin_, receipt.handle(), receipt.version()});
  }
  for (const v1::Touch& touch : frame.touches()) {
    const uint64_t ago_ms = std::min(touch.ago_ms(), kTimeoutMsMax);
    admitted->inputs.emplace_back(TouchInput{origin_, touch.handle(), ago_ms * 1000});
  }
  for (const v1::Rename& rename : frame.renames()) AdmitRename(rename, admitted);
  for (const v1::Unlock& unlock : frame.unlocks()) {
    admitted->inputs.emplace_back(
        UnlockInput{origin_, unlock.handle(), unlock.number(), unlock.token()});
  }
  for (const v1::LockRequest& lock : frame.locks()) AdmitLock(lock, admitted);
  return absl::OkStatus();
}

}  // namespace sessionhub::hub
