#include "proto/session/refusal.h"

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "proto/session/error_codes.h"

namespace sessionhub {
namespace {

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
  for (const ErrorRow& row : ErrorTable()) {
    if (row.family == ErrorFamily::kRefusal && row.status == status.code()) {
      return {static_cast<v1::RefusalReason>(row.number), std::string(status.message())};
    }
  }
  return {v1::INVALID_ARGUMENT, std::string(status.message())};
}

absl::Status StatusOf(const Refusal& refusal) {
  return ErrorStatus(refusal.reason, refusal.message);
}

const char* ReasonText(v1::RefusalReason reason) {
  const ErrorRow* const row = FindError(ErrorFamily::kRefusal, reason);
  return row == nullptr ? "refused" : row->means;
}

}  // namespace sessionhub
