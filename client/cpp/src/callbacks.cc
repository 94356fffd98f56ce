#include "client/cpp/src/callbacks.h"

#include <utility>

namespace sessionhub::client {
namespace {

thread_local bool in_callback = false;

void RunMarked(const std::function<void()>& callback) {
  const bool outer = std::exchange(in_callback, true);
  callback();
  in_callback = outer;
}

}  // namespace

Callbacks::~Callbacks() = default;

bool Callbacks::InCallback() {
  return in_callback;
}

void Callbacks::Run(std::function<void()> callback) {
  if (executor_) {
    executor_([callback = std::move(callback)] { RunMarked(callback); });
    return;
  }
  {
    absl::MutexLock lock(&thread_mutex_);
    if (!thread_.joinable()) thread_ = std::thread([queue = queue_] { RunAll(queue); });
  }
  absl::MutexLock lock(&queue_->mutex);
  queue_->waiting.push_back(std::move(callback));
}

void Callbacks::RunAll(const std::shared_ptr<Queue>& queue) {
  while (true) {
    std::function<void()> callback;
    {
      absl::MutexLock lock(&queue->mutex);
      queue->mutex.Await(absl::Condition(queue.get(), &Queue::Ready));
      if (queue->waiting.empty()) return;
      callback = std::move(queue->waiting.front());
      queue->waiting.pop_front();
    }
    RunMarked(callback);
  }
}

void Callbacks::Stop() {
  {
    absl::MutexLock lock(&queue_->mutex);
    queue_->stopped = true;
  }
  std::thread thread;
  {
    absl::MutexLock lock(&thread_mutex_);
    thread = std::move(thread_);
  }
  if (!thread.joinable()) return;
  in_callback ? thread.detach() : thread.join();
}

}  // namespace sessionhub::client
