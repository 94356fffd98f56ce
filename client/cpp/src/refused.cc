#include "client/cpp/src/refused.h"

namespace sessionhub::client {
namespace {

using Reason = Committed::Reason;

Reason ReasonOf(v1::RefusalReason reason) {
  switch (reason) {
    case v1::INVALID_ARGUMENT:
      return Reason::kInvalidArgument;
    case v1::LIMIT_EXCEEDED:
      return Reason::kLimitExceeded;
    case v1::GONE:
    case v1::NOT_FOUND:
      return Reason::kGone;
    case v1::WRONG_TYPE:
      return Reason::kWrongType;
    case v1::OUT_OF_RANGE:
      return Reason::kOutOfRange;
    case v1::VERSION_CHANGED:
      return Reason::kVersionChanged;
    case v1::PREVIOUS_REFUSED:
      return Reason::kPreviousRefused;
    case v1::UNSUPPORTED:
      return Reason::kUnsupported;
    case v1::LOCK_LOST:
      return Reason::kLockLost;
    default:
      return Reason::kOther;
  }
}

}  // namespace

Committed RefusedAs(const Refusal& refusal) {
  return {Committed::Kind::kRefused, 0, StatusOf(refusal), ReasonOf(refusal.reason)};
}

Committed RefusedHere(const absl::Status& why) {
  if (SaysReason(why)) return RefusedAs(RefusalOf(why));
  // Its code is told as it is: what an encoder says is between the application and itself.
  const Reason reason =
      absl::IsFailedPrecondition(why) ? Reason::kNotSent : ReasonOf(RefusalOf(why).reason);
  return {Committed::Kind::kRefused, 0, why, reason};
}

}  // namespace sessionhub::client
