// Callbacks: where the callbacks of commits run. The caller's executor, or a thread of its own.
#ifndef CLIENT_CPP_SRC_CALLBACKS_H_
#define CLIENT_CPP_SRC_CALLBACKS_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace sessionhub::client {

class Callbacks {
 public:
  using Executor = std::function<void(std::function<void()>)>;

  // An empty executor means the own thread, which starts with the first callback.
  explicit Callbacks(Executor executor) : executor_(std::move(executor)) {}
  // As Stop.
  ~Callbacks();

  // Runs `callback` later, in the order of the calls if it is the own thread that runs them. After
  // Stop there is nobody left to run it later: it runs at once, on the caller. Must be called
  // without locks that a callback or an executor could want.
  void Run(std::function<void()> callback);

  // So many may wait for the own thread; what waits for an executor is the executor's to bound.
  static constexpr size_t kWaitingMax = 100'000;
  // True if so many wait: further ones are not for the asking.
  bool Full() const;
  // Runs it at once, as a callback.
  static void RunHere(std::function<void()> callback);

  // Waits until everything given to the own thread has run. Called in a callback it does not wait:
  // the thread ends by itself, after the rest. Afterwards neither thread nor executor is used.
  void Stop();

  // True in a callback, on the own thread or the executor's.
  static bool InCallback();

 private:
  // Shared with the thread, which may outlive this object when a callback destroys the client.
  struct Queue {
    absl::Mutex mutex;
    std::deque<std::function<void()>> waiting ABSL_GUARDED_BY(mutex);
    bool stopped ABSL_GUARDED_BY(mutex) = false;

    bool Ready() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return stopped || !waiting.empty(); }
  };

  static void RunAll(const std::shared_ptr<Queue>& queue);
  // Leaves the callback with the executor or the own thread. False, and nothing is done, after
  // Stop.
  bool HandOn(std::function<void()>* callback) ABSL_LOCKS_EXCLUDED(thread_mutex_);

  const Executor executor_;
  const std::shared_ptr<Queue> queue_ = std::make_shared<Queue>();
  absl::Mutex thread_mutex_;  // before Queue::mutex
  bool stopped_ ABSL_GUARDED_BY(thread_mutex_) = false;
  std::thread thread_ ABSL_GUARDED_BY(thread_mutex_);
};

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_CALLBACKS_H_
