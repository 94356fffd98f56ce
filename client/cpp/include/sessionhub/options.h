// Options of a Client and of its calls. Part of the public API (C++17).
#ifndef SESSIONHUB_OPTIONS_H_
#define SESSIONHUB_OPTIONS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace sessionhub {

enum class LogSeverity { kInfo, kWarning, kError };

struct ClientOptions {
  // "host:port" each, with a port from 1 to 65535, or "unix:/path". The client attaches to one at a
  // time and tries the next when it fails.
  std::vector<std::string> endpoints;
  // The namespace of the sessions, and the name of this process in the hub's listings. Each 1 to 64
  // characters of [A-Za-z0-9._-]. Two processes must not share a node name: the newer one wins.
  std::string app;
  std::string node_name;

  // Changes that are committed and not answered yet, in bytes of paths and values. A commit past
  // the bound is refused at once with ResourceExhausted.
  size_t pending_bytes_max = 16u << 20;
  // Copies of sessions, in bytes of paths and values. Past the bound, copies that no Session handle
  // and no pending change uses are dropped, least recently used first, and their interest ends at
  // the hub.
  size_t near_cache_bytes_max = 256u << 20;
  // A node that has heard nothing from the hub for this long answers Unavailable instead of reading
  // from copies that others may have changed. The hub's lease (30 s by default) bounds it too.
  std::chrono::milliseconds stale_max{15'000};

  // The pause before the n-th try to reconnect is random between half and the whole of
  // min(backoff_max, backoff_min * 2^n).
  std::chrono::milliseconds backoff_min{50};
  std::chrono::milliseconds backoff_max{2'000};

  // Runs the callbacks of commits. Empty: a thread of the client's own, in order. An executor must
  // run what it is given, some time, on any thread but the one that gives it.
  std::function<void(std::function<void()>)> executor{};
  // Gets one line for each event worth telling (connected, cut, replaced). Empty: the client is
  // silent. Called on threads of the client's; must not call back into the client.
  std::function<void(LogSeverity, const std::string&)> log_sink{};
};

// What Open does if no session has this id.
enum class Create {
  kNever,      // NotFound. A cookie from outside must not make a session.
  kIfMissing,  // makes it
  kExclusive,  // makes it; AlreadyExists if there is one
};

struct OpenOptions {
  Create create = Create::kNever;
  // A copy that has this version answers at once; otherwise the hub is asked once. 0: any copy will
  // do.
  uint64_t at_least_version = 0;
  std::chrono::milliseconds timeout{5'000};
};

// When a commit is answered.
enum class Ack {
  kDurable,  // the hub has the change on its disk, synced
};

}  // namespace sessionhub

#endif  // SESSIONHUB_OPTIONS_H_
