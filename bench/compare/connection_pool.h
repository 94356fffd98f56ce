// ConnectionPool: a node's connections to its server. A thread has one for as long as it talks, and
// the one that was given back last is taken first, so that few are used by few threads.
//
// Thread-safe. The connections are moved about, and need not be thread-safe.
#ifndef BENCH_COMPARE_CONNECTION_POOL_H_
#define BENCH_COMPARE_CONNECTION_POOL_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace sessionhub::bench {

// Of each node; as many as a web server's pools have by default.
inline constexpr size_t kPoolConnectionsMax = 10;

template <typename Connection>
class ConnectionPool {
 public:
  using Connect = std::function<absl::StatusOr<Connection>()>;

  explicit ConnectionPool(Connect connect) : connect_(std::move(connect)) {}

  // Makes the first connection. Its errors are those of `connect`.
  absl::Status Start() {
    return With([](Connection&) { return absl::OkStatus(); });
  }

  // What the action, (Connection&) -> absl::Status or absl::StatusOr, returns of a connection, for
  // which it waits while all are in use. Unavailable from it means that the connection is lost. A
  // server that was restarted has ended all: so the action is then done once more, on a new one,
  // and must be such that it may have been done before.
  template <typename Action>
  std::invoke_result_t<Action, Connection&> With(const Action& action) {
    Turn turn(this);
    if (turn.connection) {
      auto result = action(*turn.connection);
      if (!IsLost(result)) return result;
      turn.connection.reset();
      CloseIdle();
    }
    absl::StatusOr<Connection> made = connect_();
    if (!made.ok()) return made.status();
    turn.connection.emplace(*std::move(made));
    auto result = action(*turn.connection);
    if (IsLost(result)) turn.connection.reset();
    return result;
  }

 private:
  // The right to have a connection, and an idle one if there was one.
  struct Turn {
    explicit Turn(ConnectionPool* of) : pool(of), connection(pool->Take()) {}
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() { pool->GiveBack(std::move(connection)); }

    ConnectionPool* const pool;
    std::optional<Connection> connection;
  };

  static bool IsLost(const absl::Status& status) { return absl::IsUnavailable(status); }
  template <typename T>
  static bool IsLost(const absl::StatusOr<T>& result) {
    return absl::IsUnavailable(result.status());
  }

  bool MayTake() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return taken_ < kPoolConnectionsMax; }

  std::optional<Connection> Take() {
    const absl::MutexLock lock(&mutex_, absl::Condition(this, &ConnectionPool::MayTake));
    ++taken_;
    if (idle_.empty()) return std::nullopt;
    std::optional<Connection> connection(std::move(idle_.back()));
    idle_.pop_back();
    return connection;
  }

  void GiveBack(std::optional<Connection> connection) {
    const absl::MutexLock lock(&mutex_);
    --taken_;
    if (connection) idle_.push_back(*std::move(connection));
  }

  void CloseIdle() {
    const absl::MutexLock lock(&mutex_);
    idle_.clear();
  }

  const Connect connect_;
  absl::Mutex mutex_;
  size_t taken_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<Connection> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_CONNECTION_POOL_H_
