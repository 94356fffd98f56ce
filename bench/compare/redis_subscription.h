// RedisSubscription: a connection by which a node hears what redis-server has for it, with a thread
// of its own. Redis keeps nothing for who is not connected: so when the connection is lost, the
// listener is told, it is made anew, and what was said in between is never heard.
//
// Thread-safe.
#ifndef BENCH_COMPARE_REDIS_SUBSCRIPTION_H_
#define BENCH_COMPARE_REDIS_SUBSCRIPTION_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "bench/compare/host_port.h"
#include "bench/limits/redis_link.h"

namespace sessionhub::bench {

class RedisSubscription {
 public:
  // Called by the subscription's thread, one after the other.
  struct Listener {
    std::function<void(std::string_view channel, const redisReply& payload)> message;
    std::function<void()> lost;
  };

  // Listens to this channel, unless it is empty. Unavailable if the server does not answer.
  static absl::StatusOr<std::unique_ptr<RedisSubscription>> Start(const HostPort& server,
                                                                  const std::string& channel,
                                                                  Listener listener);
  RedisSubscription(const RedisSubscription&) = delete;
  RedisSubscription& operator=(const RedisSubscription&) = delete;
  ~RedisSubscription();

  // A connection: each has another number. The client's id is the server's name for it.
  struct Connection {
    uint64_t number = 0;
    int64_t client_id = 0;
  };
  // The one that there is. Waits for one, and is Unavailable if there is none within 10 s.
  absl::StatusOr<Connection> AwaitConnection();

  // Returns once everything that is said on the channel from now on is heard, until the connection
  // is lost. Does nothing if that is so already.
  absl::Status Follow(const std::string& channel);

 private:
  RedisSubscription(HostPort server, std::string channel, Listener listener, int stop_event);

  absl::Status Connect();
  void Run();
  // Until the connection is lost, or this is to stop.
  void Hear();
  absl::StatusOr<std::vector<RedisReply>> TakeMessages();
  void Take(const redisReply& message);
  // True if this is to stop; waits so long for that, or for ever.
  bool AwaitStop(int timeout_ms) const;
  bool IsConnected() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return link_.has_value(); }

  const HostPort server_;
  const std::string channel_;
  const Listener listener_;
  const int stop_event_;

  absl::Mutex mutex_;
  std::optional<RedisLink> link_ ABSL_GUARDED_BY(mutex_);
  Connection connection_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_set<std::string> followed_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_REDIS_SUBSCRIPTION_H_
