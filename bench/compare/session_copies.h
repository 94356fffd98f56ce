// SessionCopies: the sessions that a node keeps in its memory beside a store, and reads from there
// as long as it is told of what others change.
//
// A copy is made in two steps, since what is told and what is loaded come by different connections:
// Begin before the session is asked for, Keep with the answer. What was told of it in between
// cannot be put in order with the answer, so it is then not kept, and loaded anew next time.
//
// A copy that nobody asks for again stays as long as this object, which is for runs that are
// shorter than a session's life.
//
// Thread-safe. Does no I/O.
#ifndef BENCH_COMPARE_SESSION_COPIES_H_
#define BENCH_COMPARE_SESSION_COPIES_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "bench/compare/node_sessions.h"

namespace sessionhub::bench {

class SessionCopies {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Clock = std::function<Time()>;

  explicit SessionCopies(Clock clock = std::chrono::steady_clock::now) : clock_(std::move(clock)) {}

  struct Found {
    SessionFields fields;
    bool touch_due = false;  // the store was not told for kTouchPause that the session is in use
  };
  // Nothing if there is no copy, or it was not in use for kSessionLife. Who finds a touch due tells
  // the store; nobody else finds it due then.
  std::optional<Found> Find(const std::string& id);

  // The number of what was last told of the session.
  using Told = uint64_t;
  Told Begin(const std::string& id);
  // The fields are a copy from now on, unless anything was told since Begin. The store knows that
  // the session is in use.
  void Keep(const std::string& id, SessionFields fields, Told begun);

  // What is told: the session is this; these of its fields have changed; it is not what it was.
  void Put(const std::string& id, SessionFields fields);
  void Apply(const std::string& id, const SessionFields& changes);
  void Drop(const std::string& id);
  // Nobody has told what has changed.
  void DropAll();

 private:
  struct Copy {
    std::optional<SessionFields> fields;  // nothing while it is loaded
    Told told = 0;
    Time used_at;
  };

  const Clock clock_;
  absl::Mutex mutex_;
  Told last_told_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<std::string, Copy> copies_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_SESSION_COPIES_H_
