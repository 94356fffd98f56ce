// Where and when the callbacks of subscriptions run, and what waits for them: a real hub, real
// nodes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "tests/support/hub_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using testing::Apply;
using testing::ConnectTo;
using ::testing::ElementsAre;
using testing::HubProcess;
using testing::OpenOrCreate;
using testing::QuickOptions;
using testing::WaitFor;

// An application's executor: threads that run what they are given, the oldest first, all of it
// before it is gone.
class Pool {
 public:
  explicit Pool(int threads) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { RunAll(); });
  }
  ~Pool() {
    {
      absl::MutexLock lock(&mutex_);
      held_ = false;
      stopping_ = true;
    }
    for (std::thread& thread : threads_) thread.join();
  }

  std::function<void(std::function<void()>)> Executor() {
    return [this](std::function<void()> run) {
      absl::MutexLock lock(&mutex_);
      waiting_.push_back(std::move(run));
    };
  }
  // While held, what it is given waits.
  void Hold(bool held) {
    absl::MutexLock lock(&mutex_);
    held_ = held;
  }
  size_t waiting() const {
    absl::MutexLock lock(&mutex_);
    return waiting_.size();
  }
  bool RunsThis() const {
    return std::any_of(threads_.begin(), threads_.end(), [](const std::thread& thread) {
      return thread.get_id() == std::this_thread::get_id();
    });
  }

 private:
  bool Ready() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return (!waiting_.empty() && !held_) || stopping_;
  }
  void RunAll() {
    while (true) {
      std::function<void()> run;
      {
        absl::MutexLock lock(&mutex_);
        mutex_.Await(absl::Condition(this, &Pool::Ready));
        if (waiting_.empty()) return;
        run = std::move(waiting_.front());
        waiting_.pop_front();
      }
      run();
    }
  }

  mutable absl::Mutex mutex_;
  std::deque<std::function<void()>> waiting_ ABSL_GUARDED_BY(mutex_);
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

// What one subscription was told, as text, and how it was called. It may be told to wait inside.
class Heard {
 public:
  Heard(const Session& session, const Pool* pool)
      : pool_(pool),
        subscription_(session.Subscribe([this](const Event& event) { Note(event); }).value()) {}

  void HoldCalls(bool held) {
    absl::MutexLock lock(&mutex_);
    held_ = held;
  }
  bool WaitForCount(size_t count) const {
    return WaitFor([&] { return All().size() >= count; });
  }
  std::vector<std::string> All() const {
    absl::MutexLock lock(&mutex_);
    return texts_;
  }
  // Calls that are under way.
  int inside() const {
    absl::MutexLock lock(&mutex_);
    return inside_;
  }
  // The most calls that were under way at once.
  int inside_most() const {
    absl::MutexLock lock(&mutex_);
    return inside_most_;
  }
  bool always_on_the_pool() const {
    absl::MutexLock lock(&mutex_);
    return always_on_the_pool_;
  }

 private:
  void Note(const Event& event) {
    absl::MutexLock lock(&mutex_);
    always_on_the_pool_ = always_on_the_pool_ && pool_->RunsThis();
    inside_most_ = std::max(inside_most_, ++inside_);
    mutex_.Await(absl::Condition(
        +[](bool* held) { return !*held; }, &held_));
    const std::string range = std::to_string(event.from) + "-" + std::to_string(event.to);
    texts_.push_back((event.kind == Event::Kind::kCaughtUp ? "caught up " : "") + range);
    --inside_;
  }

  const Pool* const pool_;
  mutable absl::Mutex mutex_;
  std::vector<std::string> texts_ ABSL_GUARDED_BY(mutex_);
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
  int inside_ ABSL_GUARDED_BY(mutex_) = 0;
  int inside_most_ ABSL_GUARDED_BY(mutex_) = 0;
  bool always_on_the_pool_ ABSL_GUARDED_BY(mutex_) = true;
  const Subscription subscription_;
};

class EventsTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_OK(hub_.Start()); }
  static void Set(const Session& session, Value value) {
    Edit edit = session.Begin();
    edit.Set("a", std::move(value));
    ASSERT_TRUE(Apply(std::move(edit)).applied());
  }

  HubProcess hub_;
};

TEST_F(EventsTest, AnExecutorOfManyThreadsTellsOneSubscriptionOneEventAtATimeAndInOrder) {
  constexpr int kChanges = 50;
  Pool pool(4);
  Client web1 = ConnectTo(hub_.endpoint(), "web-1");
  ClientOptions options = QuickOptions(hub_.endpoint(), "web-2");
  options.executor = pool.Executor();
  const auto writer = OpenOrCreate(web1, "ada");
  ASSERT_OK(writer);
  Client web2 = Client::Connect(options).value();
  const auto reader = OpenOrCreate(web2, "ada");
  ASSERT_OK(reader);
  Heard slow(*reader, &pool);
  Heard quick(*reader, &pool);
  slow.HoldCalls(true);
  for (int i = 1; i <= kChanges; ++i) Set(*writer, i);
  // The slow one's first call waits; what else it is to be told was there for three idle threads
  // before the last event of the quick one.
  EXPECT_TRUE(quick.WaitForCount(kChanges));
  EXPECT_TRUE(WaitFor([&] { return slow.inside() > 0; }));
  EXPECT_EQ(slow.All().size(), 0u);
  slow.HoldCalls(false);
  EXPECT_TRUE(slow.WaitForCount(kChanges));
  std::vector<std::string> in_order;
  for (int to = 2; to <= kChanges + 1; ++to) {
    in_order.push_back(std::to_string(to - 1) + "-" + std::to_string(to));
  }
  for (const Heard* heard : {&slow, &quick}) {
    EXPECT_EQ(heard->All(), in_order);
    EXPECT_EQ(heard->inside_most(), 1);
    EXPECT_TRUE(heard->always_on_the_pool());
  }
}

// Both subscriptions are far below their own bound; together they are past that of all.
TEST_F(EventsTest, WhatWaitsForAllSubscriptionsIsBoundedTogether) {
  const std::string large(40 << 10, 'x');
  Pool pool(1);
  Client web1 = ConnectTo(hub_.endpoint(), "web-1");
  ClientOptions options = QuickOptions(hub_.endpoint(), "web-2");
  options.executor = pool.Executor();
  options.event_bytes_max = 64 << 10;
  Client web2 = Client::Connect(options).value();
  const auto ada = OpenOrCreate(web1, "ada");
  const auto grace = OpenOrCreate(web1, "grace");
  const auto ada_there = OpenOrCreate(web2, "ada");
  const auto grace_there = OpenOrCreate(web2, "grace");
  for (const auto* session : {&ada, &grace, &ada_there, &grace_there}) ASSERT_OK(*session);
  Heard of_ada(*ada_there, &pool);
  Heard of_grace(*grace_there, &pool);
  pool.Hold(true);
  Set(*ada, large);
  EXPECT_TRUE(WaitFor([&] { return pool.waiting() == 1; }));
  Set(*grace, large);
  EXPECT_TRUE(WaitFor([&] { return pool.waiting() == 2; }));
  pool.Hold(false);
  EXPECT_TRUE(of_ada.WaitForCount(1));
  EXPECT_TRUE(of_grace.WaitForCount(1));
  EXPECT_THAT(of_ada.All(), ElementsAre("1-2"));
  EXPECT_THAT(of_grace.All(), ElementsAre("caught up 1-2"));
  Set(*grace, large + "y");
  EXPECT_TRUE(of_grace.WaitForCount(2));
  EXPECT_THAT(of_grace.All(), ElementsAre("caught up 1-2", "2-3")) << "there is room again";
}

}  // namespace
}  // namespace sessionhub
