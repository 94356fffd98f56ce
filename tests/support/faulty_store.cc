#include "tests/support/faulty_store.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "tests/support/status_matchers.h"

namespace sessionhub::testing {
namespace {

namespace fs = ::std::filesystem;

constexpr size_t kBlockCacheBytes = 1 << 20;
// About as many calls, and bytes, as a life of a small store makes.
constexpr uint64_t kCallsOfALife = 30;
constexpr uint64_t kSyncsOfALife = 10;
constexpr uint64_t kBytesOfALife = 1 << 18;

// Bytes that survive a power cut unsynced are a beginning of those in the newest log: RocksDB syncs
// a log before it starts the next.
std::string NewestLog(const std::string& db_dir) {
  std::string newest;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(db_dir, ignored)) {
    if (entry.path().extension() == ".log") newest = std::max(newest, entry.path().string());
  }
  return newest;
}

}  // namespace

// A process that ends well loses nothing.
absl::Status FaultyMemoryStore::Reopen() {
  store_->Crash(store_->unsynced_applies());
  return absl::OkStatus();
}

absl::Status FaultyMemoryStore::Crash(uint64_t kept_percent) {
  store_->Crash(store_->unsynced_applies() * kept_percent / 100);
  EndFaults();
  return absl::OkStatus();
}

void FaultyMemoryStore::EndFaults() {
  store_->FailApplies(absl::OkStatus());
  store_->FailSyncs(absl::OkStatus());
  fails_ = false;
}

void FaultyMemoryStore::FailWrite() {
  store_->FailApplies(absl::InternalError("a write that the test lets fail"));
  fails_ = true;
}

void FaultyMemoryStore::FailSync() {
  store_->FailSyncs(absl::InternalError("a sync that the test lets fail"));
  fails_ = true;
}

void FaultyMemoryStore::FillDisk() {
  store_->FailApplies(absl::ResourceExhaustedError("the disk is full"));
  fails_ = true;
}

void FaultyMemoryStore::FreeDisk() {
  store_->FailApplies(absl::OkStatus());
}

void FaultyMemoryStore::ArrangeFault(Random& random) {
  switch (Below(random, 4)) {
    case 0:
      return FailWrite();
    case 1:
      return FailSync();
    case 2:
      return FillDisk();
    default:
      return;
  }
}

FaultyRocksStore::FaultyRocksStore(Start start, uint64_t write_buffer_bytes)
    : write_buffer_bytes_(write_buffer_bytes) {
  fs::create_directory(folder_.path() + "/attic");
  files_ = std::make_shared<FaultyFileSystem>(folder_.path() + "/attic");
  env_ = rocksdb::NewCompositeEnv(files_);
  if (start == Start::kClosed) return;
  EXPECT_OK(Open());
}

// What is held must go on before the store can end.
FaultyRocksStore::~FaultyRocksStore() {
  files_->faults().Clear();
}

absl::Status FaultyRocksStore::Open() {
  hub::RocksStoreOptions options;
  options.data_dir = data_dir();
  options.env = env_.get();
  // Only a new folder takes it.
  options.fresh_history_id = opened_ ? HistoryId{0xff} : kHistory;
  options.write_buffer_bytes = write_buffer_bytes_;
  options.block_cache_bytes = kBlockCacheBytes;
  auto store = hub::RocksStore::Open(options);
  if (!store.ok()) return store.status();
  store_ = *std::move(store);
  opened_ = true;
  return absl::OkStatus();
}

absl::Status FaultyRocksStore::Reopen() {
  Close();
  return Open();
}

absl::Status FaultyRocksStore::Crash(uint64_t kept_percent) {
  files_->CutPower();
  Close();
  Restart(kept_percent);
  return Open();
}

void FaultyRocksStore::Restart(uint64_t kept_percent) {
  const std::string newest = NewestLog(db_dir());
  files_->Restart([=](const std::string& path, uint64_t unsynced_bytes) {
    return path == newest ? unsynced_bytes * kept_percent / 100 : 0;
  });
}

void FaultyRocksStore::FailWrite() {
  faults().Add({.call = Call::kAppend, .ending = ".log"});
}

void FaultyRocksStore::FailSync() {
  faults().Add({.call = Call::kSync, .ending = ".log"});
}

void FaultyRocksStore::FillDisk() {
  faults().SetFreeBytes(0);
}

void FaultyRocksStore::FreeDisk() {
  faults().EndFullDisk();
}

void FaultyRocksStore::EndFaults() {
  faults().Clear();
}

// RocksDB as Debian builds it has assertions, and one of them ends the process if two flushes meet
// the same failed log. That is a stop after a failed write too, but none that a test can survive.
void FaultyRocksStore::ArrangeFault(Random& random) {
  Fault fault;
  fault.nth = 1 + Below(random, kCallsOfALife);
  fault.forever = OneIn(random, 2);
  fault.done = OneIn(random, 4);
  const bool flushes = write_buffer_bytes_ < kLargeBufferBytes;
  switch (flushes ? 0 : Below(random, 6)) {
    case 0:
      fault.what = Fault::What::kCutPower;
      return faults().Add(fault);
    case 1:
      fault.call = Call::kSync;
      fault.nth = 1 + Below(random, kSyncsOfALife);
      return faults().Add(fault);
    case 2:
      fault.call = Call::kAppend;
      return faults().Add(fault);
    case 3:
      return faults().Add(fault);
    case 4:
      return faults().SetFreeBytes(Below(random, kBytesOfALife));
    default:
      return;
  }
}

}  // namespace sessionhub::testing
