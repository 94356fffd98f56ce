#include "client/cpp/src/subscriptions.h"

#include <algorithm>

namespace sessionhub::client {

std::shared_ptr<Subscriber> Subscriptions::Add(const CopyRef& ref,
                                               std::function<void(const Event&)> callback) {
  auto subscriber = std::make_shared<Subscriber>(ref, std::move(callback), session_bytes_max_);
  absl::MutexLock lock(&mutex_);
  subscribers_.emplace(ref.number, subscriber);
  return subscriber;
}

void Subscriptions::End(Subscriber* subscriber) {
  subscriber->ended = true;
  bytes_ -= subscriber->queue.bytes();
  while (subscriber->queue.Take()) continue;
}

void Subscriptions::Remove(const std::shared_ptr<Subscriber>& subscriber) {
  absl::MutexLock lock(&mutex_);
  if (!subscriber->ended) End(subscriber.get());
  const auto [begin, end] = subscribers_.equal_range(subscriber->ref.number);
  for (auto it = begin; it != end; ++it) {
    if (it->second != subscriber) continue;
    subscribers_.erase(it);
    return;
  }
}

void Subscriptions::RemoveAll() {
  absl::MutexLock lock(&mutex_);
  for (auto& [number, subscriber] : subscribers_) End(subscriber.get());
  subscribers_.clear();
}

std::vector<std::shared_ptr<Subscriber>> Subscriptions::Publish(const CopyRef& ref,
                                                                const Event& event) {
  std::vector<std::shared_ptr<Subscriber>> idle;
  absl::MutexLock lock(&mutex_);
  const auto [begin, end] = subscribers_.equal_range(ref.number);
  for (auto it = begin; it != end; ++it) {
    Subscriber& subscriber = *it->second;
    if (subscriber.ref.stamp != ref.stamp) continue;
    bytes_ -= subscriber.queue.bytes();
    subscriber.queue.Add(event,
                         bytes_max_ - std::min(bytes_max_, bytes_ + subscriber.queue.bytes()));
    bytes_ += subscriber.queue.bytes();
    if (!std::exchange(subscriber.running, true)) idle.push_back(it->second);
  }
  return idle;
}

bool Subscriptions::Tell(Subscriber* subscriber) {
  std::optional<Event> event;
  {
    absl::MutexLock lock(&mutex_);
    bytes_ -= subscriber->queue.bytes();
    event = subscriber->queue.Take();
    bytes_ += subscriber->queue.bytes();
    if (!event) {
      subscriber->running = false;
      return false;
    }
  }
  subscriber->callback(*event);
  absl::MutexLock lock(&mutex_);
  subscriber->running = !subscriber->queue.empty();
  return subscriber->running;
}

}  // namespace sessionhub::client
