// SessionLine: one session as a line of JSON, as `sessions export` writes and `sessions import`
// reads it. The keys are listed in docs/operations.md; they are added to, never changed. Pure.
#ifndef CLIENT_CTL_SESSION_LINE_H_
#define CLIENT_CTL_SESSION_LINE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/session/delta.h"
#include "sessionhub/v1/admin.pb.h"

namespace sessionhub::ctl {

// What a line holds. Times are Unix milliseconds by the clock of the hub that told them.
struct SessionLine {
  std::string id;     // the bytes; a credential
  std::string owner;  // empty: nobody's
  uint64_t version = 0;
  uint64_t created_ms = 0;
  uint64_t last_access_ms = 0;
  uint64_t idle_timeout_ms = 0;       // 0: none
  uint64_t absolute_deadline_ms = 0;  // 0: none
  std::vector<Operation> fields;      // puts

  friend bool operator==(const SessionLine&, const SessionLine&) = default;
};

SessionLine LineOf(const v1::SessionSummary& session, std::vector<Operation> fields);

// Without a line end. Every value keeps its type and its bits.
std::string FormatSessionLine(const SessionLine& session);

// The inverse. InvalidArgument says what is wrong and where. A key that is missing counts as 0 or
// empty, but for `id`; one that is not known is left alone.
absl::StatusOr<SessionLine> ParseSessionLine(std::string_view text);

}  // namespace sessionhub::ctl

#endif  // CLIENT_CTL_SESSION_LINE_H_
