// EventQueue: the events of one subscription that its callback has not been told yet. Pure.
//
// Bounded in bytes: past the bound one kCaughtUp takes the place of all changes that wait.
#ifndef CLIENT_CPP_SRC_EVENT_QUEUE_H_
#define CLIENT_CPP_SRC_EVENT_QUEUE_H_

#include <cstddef>
#include <deque>
#include <optional>

#include "sessionhub/event.h"

namespace sessionhub::client {

class EventQueue {
 public:
  explicit EventQueue(size_t bytes_max) : bytes_max_(bytes_max) {}

  // `room` is what all queues together may still grow by, in bytes.
  void Add(Event event, size_t room);
  // The oldest; nothing if there is none.
  std::optional<Event> Take();

  bool empty() const { return events_.empty(); }
  size_t bytes() const { return bytes_; }

 private:
  void Push(Event event);
  // Replaces all changes that wait, and one that leads to `event.to`, by one kCaughtUp.
  void Collapse(const Event& event);

  const size_t bytes_max_;
  std::deque<Event> events_;
  size_t bytes_ = 0;
};

// What an event counts, in bytes.
size_t EventSizeBytes(const Event& event);

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_EVENT_QUEUE_H_
