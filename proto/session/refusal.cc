#include "proto/session/refusal.h"

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"

namespace sessionhub {
namespace {

struct Row {
  v1::RefusalReason reason;
  absl::StatusCode code;
  const char* text;
};

// Each reason once. Where several reasons share a code, a status that does not say its reason
// stands for the first row.
constexpr Row kRows[] = {
    {v1::INVALID_ARGUMENT, absl::StatusCode::kInvalidArgument,
     "an operation, path or value is not legal"},
    {v1::LIMIT_EXCEEDED, absl::StatusCode::kResourceExhausted, "a limit of the hub is exceeded"},
    {v1::GONE, absl::StatusCode::kNotFound, "this session has ended: open its id again"},
    {v1::NOT_FOUND, absl::StatusCode::kNotFound, "no session has this id"},
    {v1::ALREADY_EXISTS, absl::StatusCode::kAlreadyExists, "a session with this id exists already"},
    {v1::WRONG_TYPE, absl::StatusCode::kFailedPrecondition, "increment of a field of another type"},
    {v1::OUT_OF_RANGE, absl::StatusCode::kOutOfRange, "increment leaves the range of int64"},
    {v1::VERSION_CHANGED, absl::StatusCode::kAborted, "a precondition does not hold"},
    {v1::BASE_CHANGED, absl::StatusCode::kAborted, "the value is not the one that the writer saw"},
    {v1::UNSUPPORTED, absl::StatusCode::kUnimplemented, "not agreed with this hub"},
    {v1::UNKNOWN_HANDLE, absl::StatusCode::kInternal, "this handle is not open"},
    {v1::PREVIOUS_REFUSED, absl::StatusCode::kAborted, "the commit before this one was refused"},
    {v1::RENAMED, absl::StatusCode::kNotFound, "this session has another id now"},
    {v1::LOCKED, absl::StatusCode::kDeadlineExceeded, "the session is locked by another holder"},
    {v1::LOCK_LOST, absl::StatusCode::kAborted, "the lock is not held with this token any more"},
};

constexpr char kReasonUrl[] = "sessionhub.v1.RefusalReason";

}  // namespace

absl::Status RefusalStatus(v1::RefusalReason reason, const std::string& message) {
  absl::Status status = StatusOf({reason, message});
  status.SetPayload(kReasonUrl, absl::Cord(std::to_string(reason)));
  return status;
}

bool SaysReason(const absl::Status& status) {
  return status.GetPayload(kReasonUrl).has_value();
}

Refusal RefusalOf(const absl::Status& status) {
  if (const auto reason = status.GetPayload(kReasonUrl)) {
    int number = 0;
    if (absl::SimpleAtoi(std::string(*reason), &number)) {
      return {static_cast<v1::RefusalReason>(number), std::string(status.message())};
    }
  }
  for (const Row& row : kRows) {
    if (row.code == status.code()) return {row.reason, std::string(status.message())};
  }
  return {v1::INVALID_ARGUMENT, std::string(status.message())};
}

absl::Status StatusOf(const Refusal& refusal) {
  for (const Row& row : kRows) {
    if (row.reason != refusal.reason) continue;
    return absl::Status(row.code,
                        refusal.message.empty() ? std::string(row.text) : refusal.message);
  }
  return absl::UnknownError("refused for a reason this version does not know: " + refusal.message);
}

const char* ReasonText(v1::RefusalReason reason) {
  for (const Row& row : kRows) {
    if (row.reason == reason) return row.text;
  }
  return "refused";
}

}  // namespace sessionhub
