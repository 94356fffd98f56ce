#include "client/cpp/src/callbacks.h"

#include <pthread.h>

#include <utility>

namespace sessionhub::client {
namespace {

thread_local bool in_callback = false;

// What the callback holds goes while the mark stands: it may be the last of the client.
void RunMarked(std::function<void()>* callback) {
  const bool outer = std::exchange(in_callback, true);
  (*callback)();
  *callback = nullptr;
  in_callback = outer;
}

}  // namespace

Callbacks::~Callbacks() {
  Stop();
}

bool Callbacks::InCallback() {
  return in_callback;
}

void Callbacks::Run(std::function<void()> callback) {
  if (!HandOn(&callback)) RunMarked(&callback);
}

void Callbacks::RunHere(std::function<void()> callback) {
  RunMarked(&callback);
}

bool Callbacks::Full() const {
  absl::MutexLock lock(&queue_->mutex);
  return queue_->waiting.size() >= kWaitingMax;
}

bool Callbacks::HandOn(std::function<void()>* callback) {
  {
    absl::MutexLock lock(&thread_mutex_);
    if (stopped_) return false;
    if (!executor_) {
      if (!thread_.joinable()) thread_ = std::thread([queue = queue_] { RunAll(queue); });
      absl::MutexLock queue_lock(&queue_->mutex);
      queue_->waiting.push_back(std::move(*callback));
      return true;
    }
  }
  executor_([callback = std::move(*callback)]() mutable { RunMarked(&callback); });
  return true;
}

void Callbacks::RunAll(const std::shared_ptr<Queue>& queue) {
  pthread_setname_np(pthread_self(), "hub-callbacks");
  while (true) {
    std::function<void()> callback;
    {
      absl::MutexLock lock(&queue->mutex);
      queue->mutex.Await(absl::Condition(queue.get(), &Queue::Ready));
      if (queue->waiting.empty()) return;
      callback = std::move(queue->waiting.front());
      queue->waiting.pop_front();
    }
    RunMarked(&callback);
  }
}

void Callbacks::Stop() {
  std::thread thread;
  {
    absl::MutexLock lock(&thread_mutex_);
    stopped_ = true;
    thread = std::move(thread_);
  }
  {
    absl::MutexLock lock(&queue_->mutex);
    queue_->stopped = true;
  }
  if (!thread.joinable()) return;
  in_callback ? thread.detach() : thread.join();
}

}  // namespace sessionhub::client
