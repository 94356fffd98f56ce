// FaultyStore: a store that a test can end, crash, let fail and fill up, in the same way whatever
// kind it is. MemoryStore brings its own faults; RocksStore runs over a FaultyFileSystem.
//
// Used by one thread, apart from the store itself.
#ifndef TESTS_SUPPORT_FAULTY_STORE_H_
#define TESTS_SUPPORT_FAULTY_STORE_H_

#include <rocksdb/env.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "hub/store/memory_store.h"
#include "hub/store/rocks_store.h"
#include "hub/store/store.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/seed.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::testing {

// The history of each store that is made here.
inline constexpr HistoryId kHistory = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

class FaultyStore {
 public:
  virtual ~FaultyStore() = default;

  // It is open unless Reopen or Crash has failed.
  virtual hub::Store& store() = 0;
  // Ends the process in good order, and opens again what it stored.
  virtual absl::Status Reopen() = 0;
  // Cuts the power and opens what that left, without any fault. Of what was not synced, about the
  // first `kept_percent` survive.
  virtual absl::Status Crash(uint64_t kept_percent) = 0;

  // The next write fails before anything is written, or the next sync after all is.
  virtual void FailWrite() = 0;
  virtual void FailSync() = 0;
  virtual void FillDisk() = 0;
  virtual void FreeDisk() = 0;

  // Nothing fails any more. A store that has failed stays as it is until the next open.
  virtual void EndFaults() = 0;
  // Lets one fault of those that this kind knows strike some time after now, or never.
  virtual void ArrangeFault(Random& random) = 0;
  // Whether something has failed as arranged, since the last crash.
  virtual bool has_failed() const = 0;
  // Whether what is applied now is in vain.
  virtual bool power_is_cut() const = 0;
};

class FaultyMemoryStore : public FaultyStore {
 public:
  hub::Store& store() override { return *store_; }
  absl::Status Reopen() override;
  absl::Status Crash(uint64_t kept_percent) override;
  void FailWrite() override;
  void FailSync() override;
  void FillDisk() override;
  void FreeDisk() override;
  void EndFaults() override;
  void ArrangeFault(Random& random) override;
  bool has_failed() const override { return fails_; }
  bool power_is_cut() const override { return false; }

 private:
  const std::unique_ptr<hub::MemoryStore> store_ = hub::MemoryStore::Create(kHistory);
  bool fails_ = false;
};

class FaultyRocksStore : public FaultyStore {
 public:
  enum class Start { kOpen, kClosed };

  // A new folder, which ends with this object. The test fails if it cannot be opened.
  // With small buffers RocksDB writes tables in the background all the time; then ArrangeFault only
  // cuts the power, for a reason that it tells.
  explicit FaultyRocksStore(Start start = Start::kOpen,
                            uint64_t write_buffer_bytes = kLargeBufferBytes);
  ~FaultyRocksStore() override;

  hub::Store& store() override { return *store_; }
  absl::Status Reopen() override;
  absl::Status Crash(uint64_t kept_percent) override;
  void FailWrite() override;
  void FailSync() override;
  void FillDisk() override;
  void FreeDisk() override;
  void EndFaults() override;
  void ArrangeFault(Random& random) override;
  bool has_failed() const override { return files_->faults().struck() > 0; }
  bool power_is_cut() const override { return files_->power_is_cut(); }

  FaultyFileSystem& files() { return *files_; }
  Faults& faults() { return files_->faults(); }
  std::string data_dir() const { return folder_.path() + "/data"; }
  std::string db_dir() const { return data_dir() + "/db"; }

  // The parts of Reopen and Crash.
  bool is_open() const { return store_ != nullptr; }
  absl::Status Open();
  void Close() { store_.reset(); }
  // Call it when the store is closed.
  void Restart(uint64_t kept_percent);

 private:
  static constexpr uint64_t kLargeBufferBytes = 64 << 20;

  const uint64_t write_buffer_bytes_;
  const TemporaryFolder folder_{TemporaryFolder::InMemory()};
  std::shared_ptr<FaultyFileSystem> files_;
  std::unique_ptr<rocksdb::Env> env_;
  std::unique_ptr<hub::RocksStore> store_;
  bool opened_ = false;
};

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_FAULTY_STORE_H_
