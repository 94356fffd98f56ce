// Refusal: why a delta or an open was refused, for the wire, for stored records and for callers.
#ifndef PROTO_SESSION_REFUSAL_H_
#define PROTO_SESSION_REFUSAL_H_

#include <string>

#include "absl/status/status.h"
#include "sessionhub/v1/delta.pb.h"

namespace sessionhub {

struct Refusal {
  v1::RefusalReason reason = v1::REFUSAL_UNSPECIFIED;
  std::string message;
};

// An error that is a refusal for `reason`, inside a hub or a client: several reasons share a code,
// so the reason travels with the status and RefusalOf finds it again.
absl::Status RefusalStatus(v1::RefusalReason reason, const std::string& message);

// True if the status says its reason, by RefusalStatus.
bool SaysReason(const absl::Status& status);

// The reason of a status: the one that RefusalStatus gave it, else, for the status of a check
// (limits.h, wire.h, Increment), the one reason for each code they use.
Refusal RefusalOf(const absl::Status& status);

// What a caller gets: the canonical code that fits the reason, and the message.
absl::Status StatusOf(const Refusal& refusal);

// The sentence for a reason whose message is not known any more (a resend of a refused delta).
const char* ReasonText(v1::RefusalReason reason);

}  // namespace sessionhub

#endif  // PROTO_SESSION_REFUSAL_H_
