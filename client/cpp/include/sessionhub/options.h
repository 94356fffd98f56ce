// Options of a Client and of its calls. Part of the public API (C++17).
#ifndef SESSIONHUB_OPTIONS_H_
#define SESSIONHUB_OPTIONS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sessionhub {

// Of a line for ClientOptions::log_sink. kInfo: the stream to the hub began or ended.
// kWarning: it was cut or is silent, a commit that the hub had received was refused, a session went
// back to an older version, or verify found something. kError: somebody must look, since copies
// were dropped or a session cannot be read, the hub does not let this client in (it goes on
// trying), or this client was told to stay away.
enum class LogSeverity { kInfo, kWarning, kError };

// How a client and a hub know each other by certificates. PEM files, read at each connect, so that
// they may be replaced at any time.
struct TlsOptions {
  // The roots of the hub's certificate. Empty: those that gRPC finds on this machine.
  std::string ca_file{};
  // What this client shows to a hub that asks for certificates. Both, or none.
  std::string certificate_file{};
  std::string key_file{};
  // The name that the hub's certificate must have. Empty: the endpoint's host.
  std::string server_name{};
};

// How a node finds the hub, and what it may take. Read once, by Client::Connect, which answers
// InvalidArgument for what is not legal.
struct ClientOptions {
  // "host:port" each, with a port from 1 to 65535, or "unix:/path". The client attaches to one at a
  // time and tries the next when it fails.
  std::vector<std::string> endpoints;
  // The namespace of the sessions, and the name of this process in the hub's listings. Each 1 to 64
  // characters of [A-Za-z0-9._-]. Two processes must not share a node name: the newer one wins.
  std::string app;
  std::string node_name;
  // What the hub knows this client by, as `sessionhubctl tokens create` printed it; it must be for
  // `app`. Empty: none, for a hub that asks for none. Whoever has it can do what this client can.
  std::string token{};
  // Nothing: plaintext, for a hub on the same machine.
  std::optional<TlsOptions> tls{};

  // Changes that are committed and not answered yet, in bytes: of paths and values, 128 more for
  // each operation, and 256 more for each commit, about what they take in memory. A commit past the
  // bound is refused at once with ResourceExhausted.
  size_t pending_bytes_max = 16u << 20;
  // Copies of sessions, in bytes of paths and values. Past the bound, copies that no Session handle
  // and no pending change uses are dropped, least recently used first, and their interest ends at
  // the hub.
  size_t near_cache_bytes_max = 256u << 20;
  // Events that wait for the callbacks of subscriptions, in bytes: of one subscription, and of all.
  // Past a bound one Event::Kind::kCaughtUp takes the place of the changes that wait.
  size_t session_event_bytes_max = 1u << 20;
  size_t event_bytes_max = 16u << 20;
  // A node that has heard nothing from the hub for this long answers Unavailable instead of reading
  // from copies that others may have changed. The hub's lease (30 s by default) bounds it too.
  std::chrono::milliseconds stale_max{15'000};

  // The pause before the n-th try to reconnect is random between half and the whole of
  // min(backoff_max, backoff_min * 2^n).
  std::chrono::milliseconds backoff_min{50};
  std::chrono::milliseconds backoff_max{2'000};

  // Nothing that the client calls back may throw: an exception would end the process.
  //
  // Runs the callbacks of commits and subscriptions. Empty: a thread of the client's own, in order.
  // An executor must run what it is given, some time, but not inside the call that gives it.
  std::function<void(std::function<void()>)> executor{};
  // Gets one line for each event worth telling (connected, cut, replaced). Empty: the client is
  // silent. Called on threads of the client's and inside calls; must not call back into the client.
  std::function<void(LogSeverity, const std::string&)> log_sink{};
  // For development: tells the log sink of each Edit that is dropped with changes that were never
  // committed, among them those of the objects that it tracks, whose encoders then run where the
  // Edit is dropped. Such changes show on this node alone, if at all, and are gone with it.
  bool verify = false;
};

// What Open does if no session has this id.
enum class Create {
  kNever,      // NotFound. A cookie from outside must not make a session.
  kIfMissing,  // makes it
  kExclusive,  // makes it; AlreadyExists if there is one
};

// What a node hears of a session that others change.
enum class Interest {
  // Nothing: the copy is fetched, and interest at the hub ends. Read answers from it for stale_max
  // after that, and then Unavailable until it is opened again.
  kNone,
  // That there is a change, once. Read then answers Unavailable; opening the session again fetches
  // what has changed. For sessions that change often and are read here seldom.
  kInvalidate,
  // Each change.
  kPush,
};

// How Client::Open and OpenAll open sessions.
struct OpenOptions {
  Create create = Create::kNever;  // what happens if there is none
  // A copy that has this version answers at once; otherwise the hub is asked once. 0: any copy will
  // do.
  uint64_t at_least_version = 0;
  // All handles of a session share one copy, and with it the strongest interest that was asked for
  // while it is cached. A hub that does not offer kInvalidate is asked for kPush.
  Interest interest = Interest::kPush;
  // How long Open waits for the hub; OpenAll for all of its sessions together.
  std::chrono::milliseconds timeout{5'000};

  // Of a session that this call creates; see Edit for changing them later. 0 is none.
  // The session ends by itself once no node has used it for this long, and up to a tenth longer:
  // Open, Read and commits are uses. 1 s at least, 100 years at most.
  std::chrono::milliseconds idle_timeout{0};
  // The session ends by itself this long after its creation, used or not. 100 years at most.
  std::chrono::milliseconds absolute_timeout{0};
  // Whose session it is, of at most 256 bytes; empty: nobody's.
  std::string owner{};
};

// How Session::Read answers.
struct ReadOptions {
  // Answers from the copy however old it is, and whatever is known to have changed.
  bool allow_stale = false;
};

// When a commit is answered.
enum class Ack {
  // The hub has taken the change in. Ends the wait and promises nothing: a crash of the hub may
  // still take the change back, and it may still be refused. It stays pending at this node until
  // its final answer, is sent again after a break, and ClientStats and the log sink tell how it
  // ended. A hub that does not offer this answers as for kDurable.
  kReceived,
  // The hub has the change on its disk, synced.
  kDurable,
  // Durable, and every other node with interest in the session has applied the change, or has no
  // interest any more; Committed tells which those are. Nodes that opened it with no interest at
  // the hub are not waited for. At most 4096 commits of a client wait for this; one more is
  // refused with ResourceExhausted.
  kDelivered,
};

}  // namespace sessionhub

#endif  // SESSIONHUB_OPTIONS_H_
