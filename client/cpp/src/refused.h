// How a refusal is told to the caller of a commit.
#ifndef CLIENT_CPP_SRC_REFUSED_H_
#define CLIENT_CPP_SRC_REFUSED_H_

#include "absl/status/status.h"
#include "proto/session/refusal.h"
#include "sessionhub/edit.h"

namespace sessionhub::client {

// By the hub, or by this client in its place.
Committed RefusedAs(const Refusal& refusal);

// By this client, before the change was taken in: a check of limits.h, a refusal with a reason, or
// a FailedPrecondition if this client takes no commits.
Committed RefusedHere(const absl::Status& why);

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_REFUSED_H_
