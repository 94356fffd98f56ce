// The fields of a session as the hub's Admin service tells them.
#ifndef CLIENT_CTL_FIELDS_H_
#define CLIENT_CTL_FIELDS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "proto/session/delta.h"
#include "sessionhub/v1/admin.pb.h"

namespace sessionhub::ctl {

// The fields as puts, in path order. Internal if the hub sent something else: a tool does not trust
// what it is told. Pure.
absl::StatusOr<std::vector<Operation>> DecodeFields(const v1::GetSessionResponse& session);

}  // namespace sessionhub::ctl

#endif  // CLIENT_CTL_FIELDS_H_
