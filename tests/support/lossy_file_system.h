// LossyFileSystem: a file system that knows what a power cut would leave.
//
// Killing a process loses nothing that it wrote: the page cache survives. So only a file system of
// ours can show that a sync is missing. This one passes everything on to the real one and
// remembers, for each file, how many bytes were synced, and, for each directory, which entries were
// synced.
//
//   auto files = std::make_shared<LossyFileSystem>(attic);
//   auto env = rocksdb::NewCompositeEnv(files);
//   ... run a store on env ...
//   files->CutPower();   // from here on nothing more becomes durable, and nobody notices
//   store.reset();       // what it did since the cut was in vain
//   files->Restart();    // the folder is what a power cut leaves; everything works again
//
// Harsh where the real world may be: a deletion that is not synced comes back; RangeSync makes
// nothing durable. Known to it are files and folders made through it. Thread-safe; CutPower may
// come at any time. FaultyFileSystem adds calls that fail.
#ifndef TESTS_SUPPORT_LOSSY_FILE_SYSTEM_H_
#define TESTS_SUPPORT_LOSSY_FILE_SYSTEM_H_

#include <rocksdb/file_system.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace sessionhub::testing {

class LossyFileSystem : public rocksdb::FileSystemWrapper {
 public:
  // Files that are gone but may come back are kept below `attic`, an existing folder that nobody
  // else uses.
  explicit LossyFileSystem(std::string attic);

  // Says how many of a file's unsynced bytes happen to survive, from their beginning.
  using Torn = std::function<uint64_t(const std::string& path, uint64_t unsynced_bytes)>;

  void CutPower();
  bool power_is_cut() const;
  // Call it when nothing has a file of this file system open any more.
  void Restart(const Torn& torn = nullptr);

  // What of a file is not synced now is lost for good, even if a later sync of it succeeds: that is
  // what a failed sync leaves.
  void LoseUnsynced(const std::string& path);

  const char* Name() const override { return "LossyFileSystem"; }
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* result,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReuseWritableFile(const std::string& path, const std::string& old_path,
                                      const rocksdb::FileOptions& options,
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
  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to,
                             const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus Truncate(const std::string& path, size_t bytes,
                             const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override;

 private:
  class File;
  class Directory;

  // A file or a folder, whatever its name is now.
  struct Node {
    std::string real_path;  // where its bytes are
    bool is_folder = false;
    uint64_t bytes = 0;
    uint64_t synced_bytes = 0;
    bool sync_failed = false;  // its unsynced bytes are lost, whatever is synced later
  };
  using Entries = std::map<std::string, std::shared_ptr<Node>>;  // by path

  void SyncEntries(const std::string& folder) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Takes `path` out of the entries; its bytes move to the attic if they may come back.
  void Detach(const std::string& path) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::string NewAtticPath() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool IsDurable(const std::string& path) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void MakeAsAfterThePowerCut(const Torn& torn) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string attic_;
  mutable absl::Mutex mutex_;
  Entries now_ ABSL_GUARDED_BY(mutex_);
  Entries durable_ ABSL_GUARDED_BY(mutex_);
  bool power_ ABSL_GUARDED_BY(mutex_) = true;
  uint64_t attic_files_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_LOSSY_FILE_SYSTEM_H_
