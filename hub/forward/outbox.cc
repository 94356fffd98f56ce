#include "hub/forward/outbox.h"

#include <utility>

namespace sessionhub::hub {

size_t ItemSizeBytes(const OutboxItem& item) {
  size_t bytes = sizeof(OutboxItem);
  if (const auto* answer = std::get_if<AnswerItem>(&item)) {
    bytes += answer->refusal.message.size();
  } else if (const auto* forward = std::get_if<ForwardItem>(&item)) {
    bytes += forward->changes->bytes.size();
  } else if (const auto* catch_up = std::get_if<CatchUpItem>(&item)) {
    bytes += catch_up->catch_up->bytes.size();
  }
  return bytes;
}

Outbox::Outbox(size_t bytes_max, std::function<void()> on_room)
    : bytes_max_(bytes_max), on_room_(std::move(on_room)) {}

void Outbox::SetWaker(std::function<void()> waker) {
  absl::MutexLock lock(&mutex_);
  waker_ = std::move(waker);
}

void Outbox::Push(OutboxItem item) {
  absl::MutexLock lock(&mutex_);
  if (closed_) return;
  bytes_ += ItemSizeBytes(item);
  items_.push_back(std::move(item));
}

bool Outbox::TryPush(std::vector<OutboxItem> items) {
  size_t added = 0;
  for (const OutboxItem& item : items) added += ItemSizeBytes(item);
  absl::MutexLock lock(&mutex_);
  if (closed_ || (bytes_ + added > bytes_max_ && !items_.empty())) {
    refused_ = !closed_;
    return false;
  }
  bytes_ += added;
  for (OutboxItem& item : items) items_.push_back(std::move(item));
  return true;
}

void Outbox::Wake() {
  std::function<void()> waker;
  {
    absl::MutexLock lock(&mutex_);
    if (items_.empty() || closed_) return;
    waker = waker_;
  }
  if (waker) waker();
}

std::vector<OutboxItem> Outbox::Take(size_t bytes_max) {
  std::vector<OutboxItem> taken;
  bool has_room = false;
  {
    absl::MutexLock lock(&mutex_);
    size_t taken_bytes = 0;
    while (!items_.empty() && taken_bytes < bytes_max) {
      taken_bytes += ItemSizeBytes(items_.front());
      taken.push_back(std::move(items_.front()));
      items_.pop_front();
    }
    bytes_ -= taken_bytes;
    has_room = refused_ && bytes_ <= bytes_max_ / 2;
    if (has_room) refused_ = false;
  }
  if (has_room) on_room_();
  return taken;
}

void Outbox::Close() {
  absl::MutexLock lock(&mutex_);
  closed_ = true;
  waker_ = nullptr;
  items_.clear();
  bytes_ = 0;
}

bool Outbox::full() const {
  absl::MutexLock lock(&mutex_);
  return bytes_ >= bytes_max_;
}

size_t Outbox::bytes() const {
  absl::MutexLock lock(&mutex_);
  return bytes_;
}

}  // namespace sessionhub::hub
