#include "hub/forward/catch_up_reader.h"

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "hub/record/field_value.h"
#include "hub/store/memory_store.h"
#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::P;

class UnreadableSnapshot : public SessionSnapshot {
 public:
  absl::Status Scan(const std::optional<Path>&, const VisitField&) const override {
    return absl::DataLossError("a block is damaged");
  }
};

// Tells when it is released.
class WatchedSnapshot : public SessionSnapshot {
 public:
  WatchedSnapshot(std::unique_ptr<SessionSnapshot> snapshot, int* alive)
      : snapshot_(std::move(snapshot)), alive_(alive) {
    ++*alive_;
  }
  ~WatchedSnapshot() override { --*alive_; }
  absl::Status Scan(const std::optional<Path>& after, const VisitField& visit) const override {
    return snapshot_->Scan(after, visit);
  }

 private:
  const std::unique_ptr<SessionSnapshot> snapshot_;
  int* const alive_;
};

class CatchUpReaderTest : public ::testing::Test {
 protected:
  static constexpr SessionNumber kSession = MakeSessionNumber(3, 1);

  void Store(const std::string& path, Value value, Version version) {
    TurnRecord record;
    record.fields.push_back({{kSession, P(path)}, FieldOf(value, version)});
    ASSERT_OK(store_->Apply(record, true));
  }
  static std::shared_ptr<Outbox> NewOutbox(size_t chunk_bytes_max) {
    return std::make_shared<Outbox>(OutboxOptions{1 << 20, chunk_bytes_max}, [] {});
  }
  // A read of what is stored now, for a copy at `since`.
  CatchUpRead Read(uint64_t number, std::shared_ptr<Outbox> outbox, Version since = 0) {
    CatchUpRead read;
    read.read.number = number;
    read.read.node = {2, 1};
    read.read.session = kSession;
    read.read.since = since;
    read.read.replace = since == 0;
    read.read.version = 9;
    read.read.included_seq = 17;
    read.handle = 5;
    read.outbox = std::move(outbox);
    read.snapshot = std::make_unique<WatchedSnapshot>(store_->PinSession(kSession), &snapshots_);
    return read;
  }
  void RunAll() {
    while (reader_.RunOnce()) {
    }
  }
  // The chunks that an outbox has, taken.
  static std::vector<v1::CatchUp> Take(Outbox* outbox, size_t bytes_max = 64 << 20) {
    std::vector<v1::CatchUp> chunks;
    for (const OutboxItem& item : outbox->Take(bytes_max)) {
      const auto& chunk = std::get<CatchUpItem>(item);
      EXPECT_EQ(chunk.handle, 5u);
      EXPECT_EQ(chunk.to, 9u);
      EXPECT_TRUE(chunks.emplace_back().ParseFromString(chunk.catch_up->bytes));
      EXPECT_TRUE(chunk.catch_up->paths.empty()) << "paths go inline";
    }
    return chunks;
  }
  static std::vector<std::string> Paths(const std::vector<v1::CatchUp>& chunks) {
    std::vector<std::string> paths;
    for (const v1::CatchUp& chunk : chunks) {
      for (const v1::Op& op : chunk.ops()) paths.push_back(op.path());
    }
    return paths;
  }
  // "number ok" or "number failed" of each ReadDoneInput.
  std::vector<std::string> done_;
  int snapshots_ = 0;
  const std::unique_ptr<MemoryStore> store_ = MemoryStore::Create(HistoryId{});
  CatchUpReader reader_{[this](const Input& input) {
    const auto& done = std::get<ReadDoneInput>(input);
    EXPECT_EQ(done.node, 2u);
    EXPECT_EQ(done.session, kSession);
    done_.push_back(std::to_string(done.read) + (done.status.ok() ? " ok" : " failed"));
  }};
};

TEST_F(CatchUpReaderTest, SendsTheSessionAsItWasInChunks) {
  const std::string text(kCatchUpChunkBytes / 2, 'x');
  for (const char* path : {"a", "b", "c", "d", "e"}) Store(path, text, 3);
  const auto outbox = NewOutbox(64 << 20);
  reader_.Start(Read(1, outbox));
  Store("b", "later", 10);
  Store("f", "later", 11);
  RunAll();
  const auto chunks = Take(outbox.get());
  ASSERT_EQ(chunks.size(), 5u);
  for (size_t n = 0; n < chunks.size(); ++n) {
    EXPECT_EQ(chunks[n].first(), n == 0);
    EXPECT_TRUE(chunks[n].more());
    EXPECT_TRUE(chunks[n].replace());
    EXPECT_LE(chunks[n].ByteSizeLong(), kCatchUpChunkBytes + 100);
    EXPECT_EQ(chunks[n].ops(0).put_string(), text);
  }
  EXPECT_EQ(Paths(chunks), (std::vector<std::string>{"a", "b", "c", "d", "e"}));
}

TEST_F(CatchUpReaderTest, ALargeValueIsAChunkOfItsOwn) {
  Store("a", 1, 3);
  Store("b", std::string(1 << 20, 'x'), 3);
  Store("c", 2, 3);
  const auto outbox = NewOutbox(64 << 20);
  reader_.Start(Read(1, outbox));
  RunAll();
  const auto chunks = Take(outbox.get());
  ASSERT_EQ(chunks.size(), 3u);
  for (const v1::CatchUp& chunk : chunks) EXPECT_EQ(chunk.ops_size(), 1);
}

TEST_F(CatchUpReaderTest, SendsOnlyWhatIsNewerThanTheCopy) {
  Store("a", 1, 3);
  Store("b", 2, 4);
  Store("c", 3, 5);
  const auto outbox = NewOutbox(1000);
  reader_.Start(Read(1, outbox, 3));
  RunAll();
  const auto chunks = Take(outbox.get());
  ASSERT_EQ(chunks.size(), 1u);
  EXPECT_FALSE(chunks[0].replace());
  EXPECT_EQ(Paths(chunks), (std::vector<std::string>{"b", "c"}));
}

// Otherwise what an earlier read brought would be taken for part of this one.
TEST_F(CatchUpReaderTest, ThereIsAlwaysAFirstChunk) {
  Store("a", 1, 3);
  const auto outbox = NewOutbox(1000);
  reader_.Start(Read(1, outbox, 3));
  RunAll();
  const auto chunks = Take(outbox.get());
  ASSERT_EQ(chunks.size(), 1u);
  EXPECT_TRUE(chunks[0].first());
  EXPECT_TRUE(chunks[0].more());
  EXPECT_EQ(chunks[0].ops_size(), 0);
}

TEST_F(CatchUpReaderTest, IsDoneWhenAllChunksHaveLeftAndNotBefore) {
  Store("a", 1, 3);
  const auto outbox = NewOutbox(1000);
  reader_.Start(Read(1, outbox));
  RunAll();
  EXPECT_TRUE(done_.empty());
  EXPECT_EQ(reader_.reads(), 1u);
  EXPECT_EQ(snapshots_, 0) << "released as soon as all is read";
  Take(outbox.get());
  RunAll();
  EXPECT_EQ(done_, std::vector<std::string>{"1 ok"});
  EXPECT_EQ(reader_.reads(), 0u);
}

TEST_F(CatchUpReaderTest, WaitsForRoomAndHoldsUpNobodyElse) {
  const std::string text(kCatchUpChunkBytes, 'x');
  for (const char* path : {"a", "b", "c", "d"}) Store(path, text, 3);
  const auto slow = NewOutbox(1);
  const auto quick = NewOutbox(64 << 20);
  reader_.Start(Read(1, slow));
  reader_.Start(Read(2, quick));
  RunAll();
  EXPECT_EQ(Take(quick.get()).size(), 4u);
  RunAll();
  EXPECT_EQ(done_, std::vector<std::string>{"2 ok"});
  EXPECT_GT(slow->chunk_bytes(), 0u);
  EXPECT_LE(slow->chunk_bytes(), kCatchUpChunkBytes + 1000) << "one chunk, however small the lane";
  std::vector<std::string> paths;
  for (int n = 0; n < 4; ++n) {
    for (const std::string& path : Paths(Take(slow.get(), 1))) paths.push_back(path);
    RunAll();
  }
  EXPECT_EQ(paths, (std::vector<std::string>{"a", "b", "c", "d"}));
  EXPECT_EQ(done_, (std::vector<std::string>{"2 ok", "1 ok"}));
}

TEST_F(CatchUpReaderTest, NodesTakeTurns) {
  const std::string text(kCatchUpChunkBytes, 'x');
  for (const char* path : {"a", "b", "c", "d"}) Store(path, text, 3);
  const auto one = NewOutbox(64 << 20);
  const auto two = NewOutbox(64 << 20);
  reader_.Start(Read(1, one));
  reader_.Start(Read(2, two));
  for (int n = 0; n < 4; ++n) EXPECT_TRUE(reader_.RunOnce());
  EXPECT_EQ(Take(one.get()).size(), 2u);
  EXPECT_EQ(Take(two.get()).size(), 2u);
}

TEST_F(CatchUpReaderTest, AnEndedReadReleasesItsSnapshotAndSendsNothingMore) {
  const std::string text(kCatchUpChunkBytes, 'x');
  for (const char* path : {"a", "b", "c"}) Store(path, text, 3);
  const auto outbox = NewOutbox(1);
  reader_.Start(Read(1, outbox));
  RunAll();
  EXPECT_EQ(snapshots_, 1);
  reader_.End(1);
  outbox->EndRead(1);
  EXPECT_EQ(snapshots_, 0);
  EXPECT_EQ(reader_.reads(), 0u);
  EXPECT_TRUE(Take(outbox.get()).empty());
  RunAll();
  EXPECT_TRUE(done_.empty());
}

TEST_F(CatchUpReaderTest, TheEndOfTheStreamEndsItsReads) {
  const std::string text(kCatchUpChunkBytes, 'x');
  for (const char* path : {"a", "b", "c"}) Store(path, text, 3);
  const auto outbox = NewOutbox(1);
  reader_.Start(Read(1, outbox));
  RunAll();
  outbox->Close();
  RunAll();
  EXPECT_EQ(snapshots_, 0);
  EXPECT_EQ(reader_.reads(), 0u);
  EXPECT_TRUE(done_.empty());
}

TEST_F(CatchUpReaderTest, WhatCannotBeReadIsTold) {
  Store("a", 1, 3);
  const auto outbox = NewOutbox(1000);
  CatchUpRead damaged = Read(1, outbox);
  damaged.snapshot = std::make_unique<UnreadableSnapshot>();
  reader_.Start(std::move(damaged));
  reader_.Start(Read(2, outbox));
  RunAll();
  EXPECT_EQ(done_, std::vector<std::string>{"1 failed"});
  EXPECT_EQ(Take(outbox.get()).size(), 1u) << "of the other read";
  RunAll();
  EXPECT_EQ(done_, (std::vector<std::string>{"1 failed", "2 ok"}));
}

TEST_F(CatchUpReaderTest, RunsOnAThreadUntilItIsStopped) {
  Store("a", 1, 3);
  const auto outbox = NewOutbox(1000);
  absl::Mutex mutex;
  bool woken = false;
  outbox->SetWaker([&] {
    absl::MutexLock lock(&mutex);
    woken = true;
  });
  std::thread thread([this] { reader_.Run(); });
  reader_.Start(Read(1, outbox));
  {
    absl::MutexLock lock(&mutex);
    mutex.Await(absl::Condition(&woken));
  }
  reader_.Stop();
  thread.join();
  EXPECT_EQ(Take(outbox.get()).size(), 1u);
}

}  // namespace
}  // namespace sessionhub::hub
