#include "hub/shard/shard_thread.h"

#include "hub/journal/local_journal.h"
#include "hub/store/memory_store.h"
#include "tests/support/notification.h"
#include "tests/support/status_matchers.h"
#include "tests/support/wait_for.h"

namespace sessionhub::hub {
namespace {

class ShardThreadTest : public ::testing::Test {
 protected:
  ShardThreadTest() {
    ShardThreadOptions options;
    options.now_us = [] { return uint64_t{1'000'000}; };
    options.on_failure = [this](const absl::Status&) { failed_.Notify(); };
    thread_ = std::make_unique<ShardThread>(
        options,
        std::make_unique<Shard>(ShardMachineOptions(), &journal_, store_.get(), &dispatcher_));
  }
  static Input OpenOf(const std::string& id) {
    return OpenInput{{1, 1}, 1, {SlotOf("shop", id), 1, id}, v1::CREATE_IF_MISSING, 0, 0,
                     false,  {}};
  }
  void PushOpens(int count) {
    thread_->mailbox().Push(AttachInput{{1, 1}, {}, 1, "web-1", 0});
    for (int n = 0; n < count; ++n) thread_->mailbox().Push(OpenOf("id" + std::to_string(n)));
  }

  LocalJournal journal_;
  const std::unique_ptr<MemoryStore> store_ = MemoryStore::Create(HistoryId{});
  NodeRegistry registry_{{}, [](const Input&) {}};
  Dispatcher dispatcher_{{}, &registry_, store_.get(), [](const DeletedEffect&) {}, [](Input) {}};
  testing::Notification failed_;
  std::unique_ptr<ShardThread> thread_;
};

TEST_F(ShardThreadTest, StopRunsWhatWaits) {
  PushOpens(100);
  thread_->Start();
  thread_->Stop();
  EXPECT_EQ(store_->ListNames(1, std::nullopt, 1000)->size(), 100u);
}

TEST_F(ShardThreadTest, WhatWaitsSharesOneSync) {
  PushOpens(100);
  thread_->Start();
  thread_->Stop();
  EXPECT_EQ(store_->syncs(), 1u);
}

TEST_F(ShardThreadTest, InspectSeesTheShardBetweenTurns) {
  PushOpens(3);
  thread_->Start();
  size_t handles = 0;
  // The inspection's own wake-up stands behind the opens in the mailbox, or they are done already.
  thread_->Inspect([&](const Shard& shard) { handles = shard.machine().index().pair_count(); });
  thread_->Inspect([&](const Shard& shard) { handles = shard.machine().index().pair_count(); });
  EXPECT_EQ(handles, 3u);
  thread_->Stop();
  thread_->Inspect([&](const Shard&) { handles = 99; });
  EXPECT_EQ(handles, 3u);
}

TEST_F(ShardThreadTest, TellsOfItselfWithoutBeingWaitedFor) {
  PushOpens(3);
  EXPECT_EQ(thread_->report().turns, 0u);
  thread_->Start();
  const uint64_t started_ns = thread_->report().at_ns;
  EXPECT_GT(started_ns, 0u);
  // A turn now and then, as a hub's ticks bring.
  ASSERT_TRUE(testing::WaitFor([this] {
    thread_->mailbox().Push(TickInput{});
    return thread_->report().interests == 3;
  }));
  const ShardReport report = thread_->report();
  EXPECT_GT(report.turns, 0u);
  EXPECT_GT(report.syncs, 0u);
  EXPECT_EQ(report.counters.sessions_created, 3u);
  EXPECT_GT(report.at_ns, started_ns);
  ASSERT_EQ(report.apps.size(), 1u);
  EXPECT_EQ(report.apps[0].second.nodes_attached, 1u);
  thread_->Stop();
  EXPECT_EQ(thread_->report().interests, 3u);
}

TEST_F(ShardThreadTest, AFailedTurnEndsTheThread) {
  store_->FailApplies(absl::InternalError("disk"));
  PushOpens(1);
  thread_->Start();
  failed_.WaitForNotification();
  thread_->Stop();
  EXPECT_EQ(store_->ListNames(1, std::nullopt, 1000)->size(), 0u);
}

}  // namespace
}  // namespace sessionhub::hub
