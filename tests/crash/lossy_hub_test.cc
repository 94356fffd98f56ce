// The hub's own shard over the hub's own store, on a file system that drops every byte that was not
// synced: each commit that was answered before the power went is there afterwards, once.
#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hub/forward/dispatcher.h"
#include "hub/forward/node_registry.h"
#include "hub/journal/local_journal.h"
#include "hub/shard/shard.h"
#include "hub/store/rocks_store.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/paths.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::hub {
namespace {

using testing::Below;
using testing::Call;
using testing::Fault;
using testing::FaultyFileSystem;
using testing::LossyFileSystem;
using testing::OneIn;
using testing::P;
using testing::Random;
using testing::TemporaryFolder;

constexpr int kCases = 60;
constexpr int kLives = 3;
constexpr uint64_t kTurnsMax = 30;
constexpr uint64_t kCommitsPerTurnMax = 4;
constexpr AppNumber kApp = 1;
const Incarnation kIncarnation = {1, 2, 3};

NodeIdentity Identity() {
  return {"shop", kApp, "web-1", kIncarnation, "here"};
}

// A hub without its threads and sockets: one life on a folder. What it lets out reaches its node at
// once while there is power, and nobody afterwards.
class Life {
 public:
  Life(std::unique_ptr<RocksStore> store, const FaultyFileSystem* files)
      : store_(std::move(store)),
        files_(files),
        registry_({}, [this](const Input& input) { inputs_.push_back(input); }),
        dispatcher_(
            {}, &registry_, store_.get(), [](const DeletedEffect&) {},
            [this](Input input) { inputs_.push_back(std::move(input)); }),
        shard_({}, &journal_, store_.get(), &dispatcher_) {
    attachment_ = registry_.Attach(
        Identity(), [](v1::Goodbye::Why, const std::string&) {}, 1);
    attachment_->outbox->SetWaker([this] { Send(); });
  }

  void Open() {
    OpenInput open;
    open.origin = attachment_->origin;
    open.name = {SlotOf("shop", "ada"), kApp, "ada"};
    open.create = v1::CREATE_IF_MISSING;
    inputs_.emplace_back(open);
  }

  // Adds one to a field: how often it was applied can be read from it.
  void Commit(SessionNumber session, uint64_t seq) {
    CommitInput commit;
    commit.origin = attachment_->origin;
    commit.seq = seq;
    commit.number = session;
    commit.delta.operations.push_back({Operation::Kind::kIncrement, P("n"), Value(1)});
    inputs_.emplace_back(std::move(commit));
  }

  // One turn, and what its node hears.
  absl::StatusOr<std::vector<OutboxItem>> Turn() {
    const std::vector<Input> inputs = std::exchange(inputs_, {});
    const absl::Status status = shard_.RunOnce(inputs, ++now_us_).status();
    if (!status.ok()) return status;
    return std::exchange(heard_, {});
  }

  int64_t Counter(SessionNumber session) const {
    int64_t counter = 0;
    EXPECT_OK(store_->ScanFields(session, [&](const Path&, const stored::Field& field) {
      counter = field.int_value();
      return true;
    }));
    return counter;
  }

 private:
  void Send() {
    std::vector<OutboxItem> items = attachment_->outbox->Take(1 << 20);
    if (files_->power_is_cut()) return;
    std::move(items.begin(), items.end(), std::back_inserter(heard_));
  }

  std::unique_ptr<RocksStore> store_;
  const FaultyFileSystem* files_;
  std::vector<OutboxItem> heard_;
  std::vector<Input> inputs_;
  LocalJournal journal_;
  NodeRegistry registry_;
  Dispatcher dispatcher_;
  Shard shard_;
  absl::StatusOr<Attachment> attachment_;
  uint64_t now_us_ = 1;
};

// A folder over several lives, and a node that knows what it was answered.
class LossyHub {
 public:
  explicit LossyHub(Random* random) : random_(*random) {
    std::filesystem::create_directory(folder_.path() + "/attic");
    files_ = std::make_shared<FaultyFileSystem>(folder_.path() + "/attic");
    env_ = rocksdb::NewCompositeEnv(files_);
  }

  // Turns full of commits; the power goes at a random sync of theirs, or after the last turn.
  void LiveAndLosePower() {
    absl::StatusOr<std::unique_ptr<RocksStore>> store = Open();
    ASSERT_OK(store);
    if (OneIn(random_, 2)) {
      files_->faults().Add({.what = Fault::What::kCutPower,
                            .call = Call::kSync,
                            .nth = 1 + Below(random_, kTurnsMax)});
    }
    {
      Life life(*std::move(store), files_.get());
      ResendAll(&life);
      for (uint64_t turns = 1 + Below(random_, kTurnsMax); turns > 0; --turns) {
        ASSERT_NO_FATAL_FAILURE(RunTurn(&life));
        const uint64_t commits = session_ == 0 ? 0 : Below(random_, kCommitsPerTurnMax + 1);
        for (uint64_t i = 0; i < commits; ++i) life.Commit(session_, ++submitted_);
      }
      files_->CutPower();
    }
    files_->Restart(MakeTear());
  }

  void CheckAnsweredIsThere() {
    absl::StatusOr<std::unique_ptr<RocksStore>> store = Open();
    ASSERT_OK(store);
    const auto found =
        static_cast<uint64_t>(Life(*std::move(store), files_.get()).Counter(session_));
    EXPECT_GE(found, answered_) << "an answered commit is lost";
    EXPECT_LE(found, submitted_) << "a commit is applied twice";
  }

  void CheckResentIsThereOnce() {
    absl::StatusOr<std::unique_ptr<RocksStore>> store = Open();
    ASSERT_OK(store);
    Life life(*std::move(store), files_.get());
    ResendAll(&life);
    ASSERT_NO_FATAL_FAILURE(RunTurn(&life));
    EXPECT_EQ(answered_, submitted_);
    EXPECT_EQ(life.Counter(session_), static_cast<int64_t>(submitted_));
  }

 private:
  absl::StatusOr<std::unique_ptr<RocksStore>> Open() {
    RocksStoreOptions options;
    options.data_dir = folder_.path() + "/data";
    options.env = env_.get();
    options.block_cache_bytes = 1 << 20;
    options.write_buffer_bytes = 1 << 20;
    return RocksStore::Open(options);
  }

  // What a node does after a break.
  void ResendAll(Life* life) {
    if (session_ == 0) life->Open();
    for (uint64_t seq = answered_ + 1; seq <= submitted_; ++seq) life->Commit(session_, seq);
  }

  void RunTurn(Life* life) {
    const absl::StatusOr<std::vector<OutboxItem>> items = life->Turn();
    ASSERT_OK(items);
    for (const OutboxItem& item : *items) {
      if (const auto* opened = std::get_if<OpenedItem>(&item)) session_ = opened->number;
      const auto* answer = std::get_if<AnswerItem>(&item);
      if (answer == nullptr) continue;
      EXPECT_NE(answer->kind, AnswerItem::Kind::kRefused);
      EXPECT_EQ(answer->seq, answered_ + 1);
      answered_ = answer->seq;
    }
  }

  // A part of what was not synced may survive.
  LossyFileSystem::Torn MakeTear() {
    if (OneIn(random_, 2)) return nullptr;
    const uint64_t percent = Below(random_, 101);
    return [percent](const std::string& path, uint64_t unsynced_bytes) {
      return path.find(".log") == std::string::npos ? 0 : unsynced_bytes * percent / 100;
    };
  }

  Random& random_;
  TemporaryFolder folder_{TemporaryFolder::InMemory()};
  std::shared_ptr<FaultyFileSystem> files_;
  std::unique_ptr<rocksdb::Env> env_;
  SessionNumber session_ = 0;  // 0: its creation was not answered yet
  uint64_t submitted_ = 0;
  uint64_t answered_ = 0;
};

TEST(LossyHubTest, EveryAnsweredCommitSurvivesTheLossOfPowerAndEveryResentOneCountsOnce) {
  testing::ForEachCase(kCases, [](Random& random) {
    LossyHub hub(&random);
    for (int life = 0; life < kLives; ++life) {
      ASSERT_NO_FATAL_FAILURE(hub.LiveAndLosePower());
      ASSERT_NO_FATAL_FAILURE(hub.CheckAnsweredIsThere());
    }
    ASSERT_NO_FATAL_FAILURE(hub.CheckResentIsThereOnce());
  });
}

}  // namespace
}  // namespace sessionhub::hub
