// Outputs: what a step of the client's machine tells those who wait. Plain data.
#ifndef CLIENT_CPP_SRC_OUTPUTS_H_
#define CLIENT_CPP_SRC_OUTPUTS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cpp/src/sessions.h"
#include "proto/session/ids.h"
#include "sessionhub/options.h"

namespace sessionhub::client {

struct IdChangeDone {
  Token token = 0;
  absl::Status status;
};

struct GrantedLock {
  uint64_t token = 0;
  Version version = 0;  // of the session, when it was granted
};
struct LockDone {
  Token token = 0;
  absl::StatusOr<GrantedLock> lock;
};

// What the caller of the machine hands on: ends of calls, and lines for the log sink.
struct Outputs {
  std::vector<OpenDone> opens;
  std::vector<CommitDone> commits;
  std::vector<CopyEvent> events;
  std::vector<IdChangeDone> id_changes;
  std::vector<LockDone> locks;
  std::vector<std::pair<LogSeverity, std::string>> log;
};

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_OUTPUTS_H_
