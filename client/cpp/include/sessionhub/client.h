// Client: one node's connection to a session hub. The whole public API is the headers of this
// folder and value.h. C++17; never throws, aborts, logs or reads the environment.
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
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sessionhub/export.h"
#include "sessionhub/listing.h"
#include "sessionhub/options.h"
#include "sessionhub/session.h"

namespace sessionhub {

namespace client {
class ClientImpl;
}

// What happened since Connect. Counts only grow; the last three tell the state of now. A commit
// that is refused before it waits for the hub (options, arguments, no room) counts nowhere.
struct ClientStats {
  uint64_t commits_applied = 0;     // the hub has said so; Session::Delete is a commit too
  uint64_t commits_refused = 0;     // by the hub, or because it does not offer what they need
  uint64_t commits_unknown = 0;     // ended without an answer that this client can get
  uint64_t forwards_received = 0;   // changes of other nodes
  uint64_t catch_ups_received = 0;  // copies fetched, or brought up to date in one step
  uint64_t resyncs = 0;             // gaps seen in the versions of a copy, each cured by a catch-up
  uint64_t attaches = 0;            // times the hub was reached
  uint64_t resent = 0;              // deltas sent again after a break
  size_t pending = 0;               // commits not answered yet
  size_t pending_bytes = 0;         // what those take, as ClientOptions::pending_bytes_max counts
  size_t cached_sessions = 0;       // copies in the near cache
};

// Safe from any thread. Movable, not copyable. Destruction is Close with no wait.
//
// While a hub that asks for tokens does not let this client in, calls whose time is over answer
// Unauthenticated or PermissionDenied wherever DeadlineExceeded or Unavailable is named.
class SESSIONHUB_EXPORT Client {
 public:
  // Starts to connect, in the background, and returns at once; no hub needs to be there.
  // InvalidArgument for options that are not legal; NotFound and the like for a file of
  // ClientOptions::tls that cannot be read; FailedPrecondition in a process that was forked after
  // its parent had connected: fork first, then connect.
  static absl::StatusOr<Client> Connect(ClientOptions options);

  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  // The session with this id (1 to 256 bytes). A copy in the near cache answers without network;
  // otherwise the hub is asked and interest begins. Waits at most options.timeout. Errors:
  // NotFound, AlreadyExists (see Create); InvalidArgument for the id; ResourceExhausted if the hub
  // makes no further session; Unavailable or DeadlineExceeded if the hub was not reached in time;
  // FailedPrecondition in a callback, after fork, after Close, or if replaced.
  absl::StatusOr<Session> Open(std::string_view id, const OpenOptions& options = {});

  // Several at once: what must be asked of the hub is asked together. The results are in the order
  // of `ids`, each as Open's; the timeout is for all. ResourceExhausted for each of more than
  // 10,000 ids.
  std::vector<absl::StatusOr<Session>> OpenAll(const std::vector<std::string>& ids,
                                               const OpenOptions& options = {});

  // Ends interest in the session with this id and drops its copy from the near cache. If Session
  // handles still use the copy, it stays for them as with Interest::kNone. Commits that are pending
  // stay so. NotFound if there is no copy, FailedPrecondition while it is being opened.
  absl::Status Evict(std::string_view id);

  // Calls about many sessions of the app. Each asks the hub and blocks, at most `timeout`. Errors:
  // NotFound if the hub does not know the app yet; InvalidArgument; Unavailable or DeadlineExceeded
  // if the hub did not answer in time; FailedPrecondition as for Open.

  // A page of sessions, in an order that stays. Sessions that come, end or change their ids or
  // owners between two pages may be missed or told twice; all others are told once.
  absl::StatusOr<SessionPage> ListSessions(const ListOptions& options,
                                           std::chrono::milliseconds timeout);
  // How many there are, of `owner` unless it is empty. Of an owner's the hub reads an entry for
  // each.
  absl::StatusOr<uint64_t> CountSessions(std::string_view owner, std::chrono::milliseconds timeout);
  // Ends all sessions that are `owner`'s (1 to 256 bytes) when the call begins, each as
  // Session::Delete does. Returns how many it ended. After an error some may have been: call again.
  absl::StatusOr<uint64_t> DeleteSessionsOfOwner(std::string_view owner,
                                                 std::chrono::milliseconds timeout);

  // True while the stream to the hub stands.
  bool attached() const;
  // All zero in a process that was forked after Connect.
  ClientStats stats() const;

  // Waits until nothing is pending and the hub knows that it need not keep the answers for this
  // node, at most `flush`, then ends the connection. Returns how many commits stay without an
  // answer; they end as kUnknown. Afterwards every call answers FailedPrecondition, and nothing of
  // the caller's runs any more on the client's threads: no callback, no log sink. In a callback it
  // does not wait: those that are due run after it.
  size_t Close(std::chrono::milliseconds flush);

 private:
  explicit Client(std::shared_ptr<client::ClientImpl> impl);

  std::shared_ptr<client::ClientImpl> impl_;
};

}  // namespace sessionhub

#endif  // SESSIONHUB_CLIENT_H_
