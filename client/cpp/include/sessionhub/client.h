// Client: one node's connection to a session hub. The whole public API is this header, session.h,
// options.h and value.h. C++17; never throws, aborts, logs or reads the environment.
//
//   auto hub = sessionhub::Client::Connect({{"127.0.0.1:7070"}, "shop", "web-1"});
//   absl::StatusOr<sessionhub::Session> session = hub->Open(cookie_id);
//
// A Client reconnects for ever, with back-off, and sends what is pending again, in order, once.
#ifndef SESSIONHUB_CLIENT_H_
#define SESSIONHUB_CLIENT_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sessionhub/options.h"
#include "sessionhub/session.h"

namespace sessionhub {

namespace client {
class ClientImpl;
}

// What happened since Connect. Counts only grow; the last three tell the state of now.
struct ClientStats {
  uint64_t commits_applied = 0;
  uint64_t commits_refused = 0;
  uint64_t forwards_received = 0;  // changes of other nodes
  uint64_t catch_ups_received = 0;
  uint64_t resyncs = 0;   // gaps seen in the versions of a copy, each cured by a catch-up
  uint64_t attaches = 0;  // times the hub was reached
  uint64_t resent = 0;    // deltas sent again after a break
  size_t pending = 0;     // commits not answered yet
  size_t pending_bytes = 0;
  size_t cached_sessions = 0;
};

// Safe from any thread. Movable, not copyable. Destruction is Close with no wait.
class Client {
 public:
  // Starts to connect, in the background, and returns at once; no hub needs to be there.
  // InvalidArgument for options that are not legal.
  static absl::StatusOr<Client> Connect(ClientOptions options);

  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  // The session with this id (1 to 256 bytes). A copy in the near cache answers without network;
  // otherwise the hub is asked and interest begins. Waits at most options.timeout. Errors:
  // NotFound, AlreadyExists (see Create); InvalidArgument for the id; Unavailable or
  // DeadlineExceeded if the hub was not reached in time; FailedPrecondition in a callback, after
  // fork, after Close, or if replaced.
  absl::StatusOr<Session> Open(std::string_view id, OpenOptions options = {});

  // True while the stream to the hub stands.
  bool attached() const;
  ClientStats stats() const;

  // Waits until nothing is pending, at most `flush`, then ends the connection. Returns how many
  // commits stay without an answer; they end as kUnknown. Afterwards every call answers
  // FailedPrecondition.
  size_t Close(std::chrono::milliseconds flush);

 private:
  explicit Client(std::shared_ptr<client::ClientImpl> impl);

  std::shared_ptr<client::ClientImpl> impl_;
};

}  // namespace sessionhub

#endif  // SESSIONHUB_CLIENT_H_
