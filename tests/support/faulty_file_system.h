// FaultyFileSystem: a file system that can do to a store whatever a machine and its disk can: lose
// its power (LossyFileSystem), let chosen calls fail, hold them up, run full, and give back other
// bytes than were written (Faults).
//
//   auto files = std::make_shared<FaultyFileSystem>(attic);
//   auto env = rocksdb::NewCompositeEnv(files);
//   files->faults().Add({.call = Call::kSync, .nth = 2});
//   ... run a store on env ...
//   files->CutPower();
//   store.reset();
//   files->Restart();    // what a power cut leaves, without any fault
//
// What is promised:
//   - Every call of RocksDB that reads, writes, syncs, names or removes a file or folder is
//     counted, and meets the faults in the order in which they were added. Only RocksDB's diary
//     (LOG) passes by, and what it asks of files without touching them: whether they exist, how
//     large they are.
//   - A call that fails has done nothing, unless its fault says `done`. A sync that fails loses
//     what it should have synced for good, whatever is synced later, as Linux does.
//   - A call that is held holds up nobody but its caller.
//   - A write that finds too little space writes the part that fits, and fails with NoSpace.
//   - What is flipped differs in the one byte, each time it is read, and not on the disk.
//
// Thread-safe.
#ifndef TESTS_SUPPORT_FAULTY_FILE_SYSTEM_H_
#define TESTS_SUPPORT_FAULTY_FILE_SYSTEM_H_

#include <rocksdb/file_system.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "tests/support/faults.h"
#include "tests/support/lossy_file_system.h"

namespace sessionhub::testing {

class FaultyFileSystem : public rocksdb::FileSystemWrapper {
 public:
  // `attic` as for LossyFileSystem.
  explicit FaultyFileSystem(std::string attic);

  Faults& faults() { return faults_; }

  // As LossyFileSystem's.
  void CutPower() { lossy_->CutPower(); }
  bool power_is_cut() const { return lossy_->power_is_cut(); }
  // As LossyFileSystem's. Ends every fault.
  void Restart(const LossyFileSystem::Torn& torn = nullptr);

  // From now on the byte at `offset` of each file whose path ends with `ending` is read with these
  // bits changed; no bits end that.
  void FlipReads(const std::string& ending, uint64_t offset, uint8_t bits);

  const char* Name() const override { return "FaultyFileSystem"; }
  rocksdb::IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewRandomAccessFile(const std::string& path,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                        rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus CreateDir(const std::string& path, const rocksdb::IOOptions& options,
                              rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus CreateDirIfMissing(const std::string& path, const rocksdb::IOOptions& options,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

 private:
  class SequentialFile;
  class RandomAccessFile;
  class WritableFile;
  class Directory;

  explicit FaultyFileSystem(std::shared_ptr<LossyFileSystem> lossy);

  struct Flip {
    std::string ending;
    uint64_t offset = 0;
    uint8_t bits = 0;
  };

  // Changes what was read of `path` from `offset` on into `bytes`, if that is to be flipped.
  void FlipIfAsked(const std::string& path, uint64_t offset, char* bytes, size_t count) const;

  const std::shared_ptr<LossyFileSystem> lossy_;
  Faults faults_;
  mutable absl::Mutex mutex_;
  Flip flip_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_FAULTY_FILE_SYSTEM_H_
