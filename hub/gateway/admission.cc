#include "hub/gateway/admission.h"

#include <algorithm>
#include <utility>

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

absl::Status CheckOpen(const v1::Open& open, const Limits& limits) {
  RETURN_IF_ERROR(CheckId(open.id(), limits));
  if (!v1::CreateMode_IsValid(open.create())) {
    return absl::InvalidArgumentError("create mode is not known to this hub");
  }
  if (open.mode() != v1::INTEREST_PUSH) {
    return absl::UnimplementedError(
        "this interest mode is not agreed on this stream: ask for push");
  }
  if (open.has_new_session() && open.new_session().ByteSizeLong() > 0) {
    return absl::UnimplementedError(
        "timeouts and owner are not offered yet: leave new_session out");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckHello(const v1::Hello& hello) {
  RETURN_IF_ERROR(CheckName("app", hello.app()));
  RETURN_IF_ERROR(CheckName("node name", hello.node_name()));
  if (hello.incarnation().size() != Incarnation().size()) {
    return absl::InvalidArgumentError("incarnation must be 16 bytes, not " +
                                      std::to_string(hello.incarnation().size()));
  }
  return absl::OkStatus();
}

Admission::Admission(const Limits& limits, Origin origin, std::string app_name, AppNumber app)
    : limits_(limits), origin_(origin), app_name_(std::move(app_name)), app_(app) {}

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
  if (absl::Status status = CheckOpen(open, limits_); !status.ok()) {
    admitted->refused_opens.push_back(RefuseOpen(open, status));
    return;
  }
  OpenInput input;
  input.origin = origin_;
  input.request = open.request();
  input.name = {SlotOf(app_name_, open.id()), app_, open.id()};
  input.create = open.create();
  input.number = open.number();
  input.version = open.version();
  admitted->inputs.emplace_back(std::move(input));
}

Input Admission::AdmitDelta(const v1::Delta& delta, uint64_t seq,
                            uint64_t answers_seen_through) const {
  CommitInput input;
  input.origin = origin_;
  input.seq = seq;
  input.answers_seen_through = answers_seen_through;
  input.handle = delta.handle();
  input.number = delta.number();
  const FindPath find_path = [this](uint32_t number) -> const Path* {
    auto it = paths_.find(number);
    return it == paths_.end() ? nullptr : &it->second;
  };
  absl::StatusOr<Delta> decoded = DecodeDelta(delta, find_path);
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
  for (const v1::PathDefinition& definition : frame.paths()) RETURN_IF_ERROR(Define(definition));
  for (const v1::Open& open : frame.opens()) AdmitOpen(open, admitted);
  for (const v1::Resume& resume : frame.resumes()) {
    admitted->inputs.emplace_back(ResumeInput{origin_, resume.handle(), resume.version()});
  }
  if (frame.answers_seen_through() > answers_seen_through_) {
    answers_seen_through_ = frame.answers_seen_through();
    if (frame.deltas_size() == 0) {
      admitted->inputs.emplace_back(SeenInput{origin_, answers_seen_through_});
    }
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
  return absl::OkStatus();
}

}  // namespace sessionhub::hub
