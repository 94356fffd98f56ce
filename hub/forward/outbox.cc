#include "hub/forward/outbox.h"

#include <utility>

namespace sessionhub::hub {
namespace {

// A node that always has forwards waiting still gets one chunk in so many frames.
constexpr int kPassedOverMax = 16;

}  // namespace

size_t ItemSizeBytes(const OutboxItem& item) {
  size_t bytes = sizeof(OutboxItem);
  if (const auto* answer = std::get_if<AnswerItem>(&item)) {
    bytes += answer->refusal.message.size();
  } else if (const auto* opened = std::get_if<OpenedItem>(&item)) {
    bytes += opened->refusal.message.size();
  } else if (const auto* forward = std::get_if<ForwardItem>(&item)) {
    bytes += forward->changes->bytes.size();
  } else if (const auto* catch_up = std::get_if<CatchUpItem>(&item)) {
    bytes += catch_up->catch_up->bytes.size();
  } else if (const auto* delivered = std::get_if<DeliveredItem>(&item)) {
    for (const std::string& name : delivered->missing) bytes += sizeof(std::string) + name.size();
  } else if (const auto* answered = std::get_if<RequestAnswerItem>(&item)) {
    bytes += answered->refusal.message.size();
  } else if (const auto* renamed = std::get_if<RenamedItem>(&item)) {
    bytes += renamed->id.size();
  }
  return bytes;
}

Outbox::Outbox(const OutboxOptions& options, std::function<void()> on_room)
    : options_(options), on_room_(std::move(on_room)) {}

void Outbox::SetWaker(std::function<void()> waker) {
  absl::MutexLock lock(&mutex_);
  waker_ = std::move(waker);
}

void Outbox::Add(OutboxItem&& item) {
  items_.emplace_back(std::move(item), arrivals_.Stamp(items_.empty()));
}

void Outbox::Push(OutboxItem item) {
  absl::MutexLock lock(&mutex_);
  if (closed_) return;
  bytes_ += ItemSizeBytes(item);
  Add(std::move(item));
}

bool Outbox::TryPush(std::vector<OutboxItem> items) {
  size_t added = 0;
  for (const OutboxItem& item : items) added += ItemSizeBytes(item);
  absl::MutexLock lock(&mutex_);
  if (closed_ || (bytes_ + added > options_.bytes_max && !items_.empty())) {
    refused_ = !closed_;
    return false;
  }
  bytes_ += added;
  for (OutboxItem& item : items) Add(std::move(item));
  return true;
}

void Outbox::Wake() {
  std::function<void()> waker;
  {
    absl::MutexLock lock(&mutex_);
    if ((items_.empty() && chunks_.empty()) || closed_) return;
    waker = waker_;
  }
  if (waker) waker();
}

std::vector<OutboxItem> Outbox::Take(size_t bytes_max) {
  std::vector<OutboxItem> taken;
  std::vector<std::function<void()>> tell;
  {
    absl::MutexLock lock(&mutex_);
    const size_t bytes = TakeFirst(bytes_max, &taken);
    if (refused_ && bytes_ <= options_.bytes_max / 2) {
      refused_ = false;
      tell.push_back(on_room_);
    }
    if (!chunks_.empty()) {
      if (bytes < bytes_max) {
        TakeChunks(bytes_max - bytes, &taken);
      } else if (++passed_over_ >= kPassedOverMax) {
        TakeChunks(1, &taken);
      }
      for (auto& on_room : WhoHasRoom()) tell.push_back(std::move(on_room));
    }
  }
  for (const auto& on_room : tell) on_room();
  return taken;
}

size_t Outbox::TakeFirst(size_t bytes_max, std::vector<OutboxItem>* taken) {
  size_t bytes = 0;
  if (options_.walk_times && !items_.empty()) {
    options_.walk_times->Record(WalkStep::kOutbox, NowNs() - items_.front().since_ns);
  }
  while (!items_.empty() && bytes < bytes_max) {
    OutboxItem& item = items_.front().item;
    bytes += ItemSizeBytes(item);
    taken->push_back(std::move(item));
    items_.pop_front();
  }
  bytes_ -= bytes;
  return bytes;
}

void Outbox::TakeChunks(size_t bytes_max, std::vector<OutboxItem>* taken) {
  passed_over_ = 0;
  for (size_t bytes = 0; !chunks_.empty() && bytes < bytes_max; chunks_.pop_front()) {
    Chunk& chunk = chunks_.front();
    bytes += ItemSizeBytes(chunk.item);
    chunk_bytes_ -= ItemSizeBytes(chunk.item);
    --reads_[chunk.read].chunks;
    taken->push_back(std::move(chunk.item));
  }
}

std::vector<std::function<void()>> Outbox::WhoHasRoom() {
  std::vector<std::function<void()>> tell;
  for (auto& [read, state] : reads_) {
    if (!state.waits || (state.chunks > 0 && chunk_bytes_ > options_.chunk_bytes_max / 2)) continue;
    state.waits = false;
    tell.push_back(state.on_room);
  }
  return tell;
}

void Outbox::BeginRead(uint64_t read, std::function<void()> on_room) {
  absl::MutexLock lock(&mutex_);
  if (!reads_ended_) reads_[read].on_room = std::move(on_room);
}

Outbox::Lower Outbox::TryPushChunk(uint64_t read, OutboxItem* chunk) {
  const size_t added = ItemSizeBytes(*chunk);
  absl::MutexLock lock(&mutex_);
  auto it = reads_.find(read);
  if (it == reads_.end()) return Lower::kGone;
  if (chunk_bytes_ + added > options_.chunk_bytes_max && !chunks_.empty()) {
    it->second.waits = true;
    return Lower::kFull;
  }
  chunk_bytes_ += added;
  ++it->second.chunks;
  chunks_.push_back({read, std::move(*chunk)});
  return Lower::kDone;
}

Outbox::Lower Outbox::AwaitTaken(uint64_t read) {
  absl::MutexLock lock(&mutex_);
  auto it = reads_.find(read);
  if (it == reads_.end()) return Lower::kGone;
  if (it->second.chunks == 0) return Lower::kDone;
  it->second.waits = true;
  return Lower::kFull;
}

void Outbox::EndRead(uint64_t read) {
  std::vector<std::function<void()>> tell;
  {
    absl::MutexLock lock(&mutex_);
    if (reads_.erase(read) == 0) return;
    for (const Chunk& chunk : chunks_) {
      if (chunk.read == read) chunk_bytes_ -= ItemSizeBytes(chunk.item);
    }
    std::erase_if(chunks_, [read](const Chunk& chunk) { return chunk.read == read; });
    tell = WhoHasRoom();
  }
  for (const auto& on_room : tell) on_room();
}

void Outbox::EndReads() {
  std::vector<std::function<void()>> tell;
  {
    absl::MutexLock lock(&mutex_);
    for (auto& [read, state] : reads_) tell.push_back(std::move(state.on_room));
    reads_ended_ = true;
    reads_.clear();
    chunks_.clear();
    chunk_bytes_ = 0;
  }
  for (const auto& on_room : tell) on_room();
}

void Outbox::Close() {
  EndReads();
  absl::MutexLock lock(&mutex_);
  closed_ = true;
  waker_ = nullptr;
  items_.clear();
  bytes_ = 0;
}

bool Outbox::full() const {
  absl::MutexLock lock(&mutex_);
  return bytes_ >= options_.bytes_max;
}

size_t Outbox::chunk_bytes() const {
  absl::MutexLock lock(&mutex_);
  return chunk_bytes_;
}

size_t Outbox::bytes() const {
  absl::MutexLock lock(&mutex_);
  return bytes_;
}

}  // namespace sessionhub::hub
