// LoadNode: one node of a worker: a client stub, the sessions it has opened, and a closed loop of
// commits on them. Counts what it was answered.
#ifndef BENCH_OVERLOAD_LOAD_NODE_H_
#define BENCH_OVERLOAD_LOAD_NODE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "bench/overload/heard.h"
#include "sessionhub/client.h"

namespace sessionhub::bench {

// A loop of commits, each on the next session of the node in turn. Each is one more of `all` and of
// `n/NODE`; and so many operations and bytes besides.
struct WriteOrder {
  size_t in_flight = 1;      // commits of this node without an answer
  size_t value_bytes = 0;    // not 0: of a text that each commit sets as well
  size_t operations = 0;     // further fields that each commit adds to
  uint64_t commits_max = 0;  // 0: until it is stopped
};

struct WriteCounts {
  uint64_t acked = 0;
  uint64_t not_applied = 0;  // refused, or ended unknown
  std::string first_error;
  std::vector<double> latency_ms;    // of those acked
  std::vector<uint64_t> per_second;  // acked, since the loop began
};

// Any thread may call anything; one loop at a time.
class LoadNode {
 public:
  // Does not wait for the hub.
  static absl::StatusOr<std::unique_ptr<LoadNode>> Connect(ClientOptions options);
  ~LoadNode();

  const std::string& name() const { return name_; }
  bool attached() const { return client_.attached(); }

  // Once for each node. Errors: those of Client::Open, the first of them.
  absl::Status Open(const std::vector<std::string>& ids, Create create,
                    std::chrono::milliseconds timeout);
  // Subscribes to all sessions that are open; before the first loop.
  absl::Status Watch();

  void Begin(const WriteOrder& order) ABSL_LOCKS_EXCLUDED(mutex_);
  // No further commit of the loop begins.
  void End() ABSL_LOCKS_EXCLUDED(mutex_);
  // No commit of the loop is without an answer, and none will follow.
  bool Quiet() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Of the loop that is quiet.
  WriteCounts TakeCounts() ABSL_LOCKS_EXCLUDED(mutex_);

  const std::vector<std::string>& ids() const { return ids_; }
  const Session& session(size_t index) const { return sessions_[index]; }
  // Of all loops, by session.
  std::vector<uint64_t> Acked() const ABSL_LOCKS_EXCLUDED(mutex_);
  Heard HeardOf(size_t index) const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  LoadNode(std::string name, Client client) : name_(std::move(name)), client_(std::move(client)) {}

  // The session of the next commit; false if there is to be none.
  bool TakeTurn(size_t* index) ABSL_LOCKS_EXCLUDED(mutex_);
  void Submit() ABSL_LOCKS_EXCLUDED(mutex_);
  void OnCommitted(size_t index, int64_t begun_us, const Committed& committed)
      ABSL_LOCKS_EXCLUDED(mutex_);

  const std::string name_;
  std::vector<std::string> ids_;
  mutable absl::Mutex mutex_;
  WriteOrder order_ ABSL_GUARDED_BY(mutex_);
  int64_t begun_us_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = true;
  uint64_t submitted_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t unanswered_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t next_ ABSL_GUARDED_BY(mutex_) = 0;
  WriteCounts counts_ ABSL_GUARDED_BY(mutex_);
  std::vector<uint64_t> acked_ ABSL_GUARDED_BY(mutex_);  // by session
  bool watches_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<Heard> heard_ ABSL_GUARDED_BY(mutex_);  // by session
  // Destroyed first, and with them the threads that call back.
  Client client_;
  std::vector<Session> sessions_;
  std::vector<Subscription> subscriptions_;
};

}  // namespace sessionhub::bench

#endif  // BENCH_OVERLOAD_LOAD_NODE_H_
