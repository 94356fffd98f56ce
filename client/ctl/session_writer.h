// SessionWriter: brings a session of a hub to what a line says. A client of its own.
#ifndef CLIENT_CTL_SESSION_WRITER_H_
#define CLIENT_CTL_SESSION_WRITER_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/ctl/session_line.h"
#include "sessionhub/client.h"

namespace sessionhub::ctl {

enum class Written {
  kCreated,
  kReplaced,
  kSkipped,  // it exists
  kEnded,    // its absolute deadline has passed
};

// Safe from any thread, for different sessions.
class SessionWriter {
 public:
  // `hub` is not owned. `hub_now_ms` is the hub's clock as this is made; `timeout` is of each call.
  SessionWriter(Client* hub, uint64_t hub_now_ms, bool replace, std::chrono::milliseconds timeout)
      : hub_(hub),
        hub_now_ms_(hub_now_ms),
        began_(std::chrono::steady_clock::now()),
        replace_(replace),
        timeout_(timeout) {}

  // One delta, and so atomic, unless it is more than the hub takes in one. A session that could not
  // be created whole is deleted again. Errors: what the hub refuses; DeadlineExceeded and
  // Unavailable if it does not answer in time.
  absl::StatusOr<Written> Write(const SessionLine& line);

 private:
  // What of the life is left; 0: it has no end of its own.
  std::chrono::milliseconds LifeLeft(const SessionLine& line) const;
  absl::StatusOr<Written> Create(const SessionLine& line, std::chrono::milliseconds life);
  absl::Status Replace(const SessionLine& line, std::chrono::milliseconds life);

  Client* const hub_;
  const uint64_t hub_now_ms_;
  const std::chrono::steady_clock::time_point began_;
  const bool replace_;
  const std::chrono::milliseconds timeout_;
};

}  // namespace sessionhub::ctl

#endif  // CLIENT_CTL_SESSION_WRITER_H_
