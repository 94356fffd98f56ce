#include "client/cpp/src/event_queue.h"

#include <utility>

namespace sessionhub::client {
namespace {

bool IsChange(const Event& event) {
  return event.kind == Event::Kind::kChanged || event.kind == Event::Kind::kCaughtUp;
}

}  // namespace

size_t EventSizeBytes(const Event& event) {
  size_t bytes = sizeof(Event) + event.new_id.size();
  for (const FieldChange& change : event.changes) {
    bytes += sizeof(FieldChange) + change.path.size();
    if (change.value) bytes += change.value->SizeBytes();
  }
  return bytes;
}

void EventQueue::Push(Event event) {
  bytes_ += EventSizeBytes(event);
  events_.push_back(std::move(event));
}

void EventQueue::Add(Event event, size_t room) {
  const size_t added = EventSizeBytes(event);
  if (IsChange(event) && (bytes_ + added > bytes_max_ || added > room)) {
    Collapse(event);
    return;
  }
  // Ids follow each other; only the newest matters to who is late.
  if (event.kind == Event::Kind::kRenamed && !events_.empty() &&
      events_.back().kind == Event::Kind::kRenamed) {
    bytes_ -= EventSizeBytes(events_.back());
    events_.pop_back();
  }
  Push(std::move(event));
}

void EventQueue::Collapse(const Event& event) {
  Event caught_up;
  caught_up.kind = Event::Kind::kCaughtUp;
  caught_up.from = event.from;
  caught_up.to = event.to;
  std::optional<Event> renamed;
  bool first = true;
  for (Event& waiting : events_) {
    if (!IsChange(waiting)) {
      renamed = std::move(waiting);
    } else if (std::exchange(first, false)) {
      caught_up.from = waiting.from;
    }
  }
  events_.clear();
  bytes_ = 0;
  if (renamed) Push(*std::move(renamed));
  Push(std::move(caught_up));
}

std::optional<Event> EventQueue::Take() {
  if (events_.empty()) return std::nullopt;
  Event event = std::move(events_.front());
  events_.pop_front();
  bytes_ -= EventSizeBytes(event);
  return event;
}

}  // namespace sessionhub::client
