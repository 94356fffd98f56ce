// Subscriptions: who is told of the events of which copy, one call at a time for each.
//
// Thread-safe. The caller's code is never called with the lock held.
#ifndef CLIENT_CPP_SRC_SUBSCRIPTIONS_H_
#define CLIENT_CPP_SRC_SUBSCRIPTIONS_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "client/cpp/src/event_queue.h"
#include "client/cpp/src/near_cache.h"

namespace sessionhub::client {

// Guarded by the lock of its Subscriptions.
struct Subscriber {
  Subscriber(CopyRef copy, std::function<void(const Event&)> told, size_t bytes_max)
      : ref(copy), callback(std::move(told)), queue(bytes_max) {}

  const CopyRef ref;
  const std::function<void(const Event&)> callback;
  EventQueue queue;
  bool running = false;  // a call is under way, or about to be
  bool ended = false;
};

class Subscriptions {
 public:
  // `bytes_max` bounds what waits for all subscribers, `session_bytes_max` what waits for one.
  Subscriptions(size_t bytes_max, size_t session_bytes_max)
      : bytes_max_(bytes_max), session_bytes_max_(session_bytes_max) {}

  std::shared_ptr<Subscriber> Add(const CopyRef& ref, std::function<void(const Event&)> callback)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // No call begins any more.
  void Remove(const std::shared_ptr<Subscriber>& subscriber) ABSL_LOCKS_EXCLUDED(mutex_);
  void RemoveAll() ABSL_LOCKS_EXCLUDED(mutex_);

  // Queues the event. Returns those subscribers that need a Tell of their own from now on.
  std::vector<std::shared_ptr<Subscriber>> Publish(const CopyRef& ref, const Event& event)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Calls the subscriber's callback with its next event. True if another Tell is needed.
  bool Tell(Subscriber* subscriber) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void End(Subscriber* subscriber) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t bytes_max_;
  const size_t session_bytes_max_;
  absl::Mutex mutex_;
  std::unordered_multimap<SessionNumber, std::shared_ptr<Subscriber>> subscribers_
      ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_SUBSCRIPTIONS_H_
