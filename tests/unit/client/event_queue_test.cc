#include "client/cpp/src/event_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sessionhub::client {
namespace {

using Kind = Event::Kind;
using ::testing::ElementsAre;

constexpr size_t kRoom = 1 << 20;

Event Changed(uint64_t to, size_t value_bytes = 0) {
  Event event;
  event.from = to - 1;
  event.to = to;
  event.changes.push_back({"a", Value(std::string(value_bytes, 'x')), false});
  return event;
}
Event Of(Kind kind, const std::string& new_id = "") {
  Event event;
  event.kind = kind;
  event.new_id = new_id;
  return event;
}

std::vector<std::string> Drain(EventQueue* queue) {
  std::vector<std::string> texts;
  while (auto event = queue->Take()) {
    std::string text = std::to_string(event->from) + "-" + std::to_string(event->to);
    if (event->kind == Kind::kCaughtUp) text = "caught up " + text;
    if (event->kind == Kind::kRenamed) text = "renamed " + event->new_id;
    if (event->kind == Kind::kDeleted) text = "deleted";
    texts.push_back(text);
  }
  EXPECT_EQ(queue->bytes(), 0u);
  return texts;
}

TEST(EventQueueTest, KeepsTheOrder) {
  EventQueue queue(kRoom);
  queue.Add(Changed(2), kRoom);
  queue.Add(Changed(3), kRoom);
  queue.Add(Of(Kind::kDeleted), kRoom);
  EXPECT_THAT(Drain(&queue), ElementsAre("1-2", "2-3", "deleted"));
}

TEST(EventQueueTest, AtItsBoundItKeepsAllAndOnePastItOneEventTakesTheirPlace) {
  const size_t two = EventSizeBytes(Changed(2, 100)) + EventSizeBytes(Changed(3, 100));
  EventQueue queue(two);
  queue.Add(Changed(2, 100), kRoom);
  queue.Add(Changed(3, 100), kRoom);
  EXPECT_EQ(queue.bytes(), two);
  EXPECT_THAT(Drain(&queue), ElementsAre("1-2", "2-3"));
  queue.Add(Changed(4, 100), kRoom);
  queue.Add(Changed(5, 101), kRoom);
  EXPECT_LE(queue.bytes(), two);
  EXPECT_THAT(Drain(&queue), ElementsAre("caught up 3-5"));
}

TEST(EventQueueTest, WithoutRoomItGrowsNoFurtherThanOneEvent) {
  EventQueue queue(kRoom);
  for (uint64_t to = 2; to < 100; ++to) queue.Add(Changed(to), 0);
  EXPECT_THAT(Drain(&queue), ElementsAre("caught up 1-99"));
}

TEST(EventQueueTest, EndsAndTheNewestIdAreNeverDropped) {
  EventQueue queue(1);
  queue.Add(Changed(2), kRoom);
  queue.Add(Of(Kind::kRenamed, "b"), kRoom);
  queue.Add(Of(Kind::kRenamed, "c"), kRoom);
  queue.Add(Changed(3), kRoom);
  queue.Add(Of(Kind::kDeleted), 0);
  EXPECT_THAT(Drain(&queue), ElementsAre("renamed c", "caught up 1-3", "deleted"));
}

}  // namespace
}  // namespace sessionhub::client
