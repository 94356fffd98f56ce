// Whole turns: nothing is let out before it is durable, and a node that does not read costs no more
// than its outbox.
#include "hub/shard/shard.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hub/forward/node_registry.h"
#include "hub/journal/local_journal.h"
#include "hub/store/memory_store.h"
#include "proto/session/status_macros.h"
#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::P;
using ::testing::SizeIs;

// Two nodes that have opened one session; what they are told waits in their outboxes.
class ShardTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (uint8_t node = 1; node <= 2; ++node) {
      NodeIdentity identity;
      identity.app_name = "shop";
      identity.app = 1;
      identity.name = "web-" + std::to_string(node);
      identity.incarnation[0] = node;
      nodes_.push_back(*registry_.Attach(
          identity, [](v1::Goodbye::Why, const std::string&) {}, 0));
      OpenInput open;
      open.origin = nodes_.back().origin;
      open.name = {SlotOf("shop", "ada"), 1, "ada"};
      open.create = v1::CREATE_IF_MISSING;
      inputs_.emplace_back(open);
    }
    ASSERT_OK(Turn());
    for (const OutboxItem& item : nodes_[0].outbox->Take(1 << 20)) {
      if (const auto* opened = std::get_if<OpenedItem>(&item)) session_ = opened->number;
    }
    ASSERT_NE(session_, 0u);
    nodes_[1].outbox->Take(1 << 20);
  }

  static constexpr size_t kOutboxBytes = 10'000;
  static constexpr uint64_t kLoadBytes = 1'000;
  static ShardMachineOptions MachineOptions() {
    ShardMachineOptions options;
    options.turn_load_bytes_max = kLoadBytes;
    return options;
  }
  static NodeRegistryOptions Options() {
    NodeRegistryOptions options;
    options.outbox_bytes_max = kOutboxBytes;
    return options;
  }

  // Takes in what there is.
  absl::Status Turn() {
    do {
      ASSIGN_OR_RETURN(const size_t taken, shard_.RunOnce(inputs_, 1'000'000));
      inputs_.erase(inputs_.begin(), inputs_.begin() + static_cast<ptrdiff_t>(taken));
    } while (!inputs_.empty());
    return absl::OkStatus();
  }
  void AddCommitOfTheFirst(const Path& path, const std::string& value, const Path& condition = {}) {
    CommitInput commit;
    commit.origin = nodes_[0].origin;
    commit.seq = ++seq_;
    commit.number = session_;
    commit.delta.operations.push_back({Operation::Kind::kPut, path, value});
    if (!condition.empty()) commit.delta.conditions.push_back({condition, true, 0});
    inputs_.emplace_back(std::move(commit));
  }
  absl::Status CommitOfTheFirst() {
    AddCommitOfTheFirst(P("a"), std::string(100, 'a'));
    return Turn();
  }
  std::vector<OutboxItem> Told(size_t place) { return nodes_[place].outbox->Take(1 << 20); }

  const std::unique_ptr<MemoryStore> store_ = MemoryStore::Create(HistoryId{});
  std::vector<Input> inputs_;
  LocalJournal journal_;
  NodeRegistry registry_{Options(), [this](const Input& input) { inputs_.push_back(input); }};
  Dispatcher dispatcher_{{}, &registry_, store_.get(), [](const DeletedEffect&) {}, [](Input) {}};
  Shard shard_{MachineOptions(), &journal_, store_.get(), &dispatcher_};
  std::vector<Attachment> nodes_;
  SessionNumber session_ = 0;
  uint64_t seq_ = 0;
};

TEST_F(ShardTest, ATurnIsSyncedOnceAndThenLetOut) {
  const uint64_t syncs = store_->syncs();
  ASSERT_OK(CommitOfTheFirst());
  EXPECT_EQ(store_->syncs(), syncs + 1);
  EXPECT_EQ(store_->unsynced_applies(), 0u);
  EXPECT_THAT(Told(0), SizeIs(1)) << "the ack";
  EXPECT_THAT(Told(1), SizeIs(1)) << "the forward";
}

TEST_F(ShardTest, NothingIsLetOutIfTheWriteFails) {
  store_->FailApplies(absl::InternalError("the disk is gone"));
  EXPECT_FALSE(CommitOfTheFirst().ok());
  EXPECT_THAT(Told(0), SizeIs(0));
  EXPECT_THAT(Told(1), SizeIs(0));
}

TEST_F(ShardTest, NothingIsLetOutIfTheSyncFails) {
  store_->FailSyncs(absl::InternalError("the disk is gone"));
  EXPECT_FALSE(CommitOfTheFirst().ok());
  EXPECT_THAT(Told(0), SizeIs(0));
  EXPECT_THAT(Told(1), SizeIs(0));
}

TEST_F(ShardTest, ANodeThatDoesNotReadCostsItsOutboxAndIsCaughtUpOnceItReads) {
  for (int n = 0; n < 1'000; ++n) {
    ASSERT_OK(CommitOfTheFirst());
    ASSERT_THAT(Told(0), SizeIs(1)) << "nobody else waits for it";
    ASSERT_LE(nodes_[1].outbox->bytes(), kOutboxBytes) << "after " << n + 1 << " changes";
  }
  EXPECT_EQ(shard_.machine().counters().lapses, 1u);
  EXPECT_GT(nodes_[1].outbox->bytes(), kOutboxBytes / 2);
  Told(1);
  ASSERT_OK(Turn());  // there is room again
  const std::vector<OutboxItem> told = Told(1);
  ASSERT_THAT(told, SizeIs(1));
  const auto* catch_up = std::get_if<CatchUpItem>(&told[0]);
  ASSERT_NE(catch_up, nullptr);
  EXPECT_EQ(catch_up->to, seq_ + 1);
}

// More than are read at a time.
TEST_F(ShardTest, ADeltaThatAsksForManyFieldsIsShownEachOfThem) {
  constexpr int kFields = 150;
  const auto path = [](int n) { return P("f" + std::to_string(n)); };
  AddCommitOfTheFirst(path(kFields - 1), "there");
  ASSERT_OK(Turn());
  for (const int asked : {kFields, kFields - 1}) {
    AddCommitOfTheFirst(P("z"), "applied");
    auto& commit = std::get<CommitInput>(inputs_.back());
    for (int n = 0; n < asked; ++n) commit.delta.conditions.push_back({path(n), true, 0});
    ASSERT_OK(Turn());
    bool applied = false;
    ASSERT_OK(store_->ScanFields(session_, [&applied](const Path& field, const stored::Field&) {
      applied |= field == P("z");
      return true;
    }));
    EXPECT_EQ(applied, asked < kFields) << asked << " are to be absent, and the last of all is not";
  }
}

// Four deltas that ask what is in a field each, of which two are too much to be read together.
TEST_F(ShardTest, WhatIsTooMuchToReadAtOnceIsDecidedInSeveralTurns) {
  const std::string text(kLoadBytes - 100, 'x');
  for (const char* path : {"a", "b", "c", "d"}) {
    AddCommitOfTheFirst(P(path), text);
    ASSERT_OK(Turn());
  }
  Told(0);
  const uint64_t turns = shard_.turns();
  for (const char* path : {"a", "b", "c", "d"}) AddCommitOfTheFirst(P(path), "", P(path));
  ASSERT_OK(Turn());
  EXPECT_EQ(shard_.turns(), turns + 4);
  EXPECT_THAT(Told(0), SizeIs(4)) << "each is refused, for the field is there";
  // One delta alone may need more than that.
  AddCommitOfTheFirst(P("e"), std::string(2 * kLoadBytes, 'x'));
  ASSERT_OK(Turn());
  AddCommitOfTheFirst(P("e"), "", P("e"));
  ASSERT_OK(Turn());
  EXPECT_EQ(shard_.turns(), turns + 6);
}

}  // namespace
}  // namespace sessionhub::hub
