#include "tests/support/lossy_file_system.h"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

namespace sessionhub::testing {
namespace {

using ::rocksdb::FileOptions;
using ::rocksdb::IODebugContext;
using ::rocksdb::IOOptions;
using ::rocksdb::IOStatus;

namespace fs = ::std::filesystem;

// One spelling for each path: RocksDB doubles slashes now and then.
std::string Normal(const std::string& path) {
  std::string normal = fs::path(path).lexically_normal();
  while (normal.size() > 1 && normal.back() == '/') normal.pop_back();
  return normal;
}

std::string ParentOf(const std::string& path) {
  return fs::path(path).parent_path();
}

}  // namespace

// Counts what is written and what is synced.
class LossyFileSystem::File : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  File(LossyFileSystem* files, std::shared_ptr<Node> node,
       std::unique_ptr<rocksdb::FSWritableFile> target)
      : FSWritableFileOwnerWrapper(std::move(target)), files_(files), node_(std::move(node)) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  IODebugContext* debug) override {
    absl::MutexLock lock(&files_->mutex_);
    IOStatus status = FSWritableFileOwnerWrapper::Append(data, options, debug);
    // Written after a cut, it cannot even survive by chance.
    if (status.ok() && files_->power_) node_->bytes += data.size();
    return status;
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo&, IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus PositionedAppend(const rocksdb::Slice&, uint64_t, const IOOptions&,
                            IODebugContext*) override {
    return IOStatus::NotSupported("only appends are known to LossyFileSystem");
  }
  IOStatus PositionedAppend(const rocksdb::Slice&, uint64_t, const IOOptions&,
                            const rocksdb::DataVerificationInfo&, IODebugContext*) override {
    return IOStatus::NotSupported("only appends are known to LossyFileSystem");
  }
  IOStatus Truncate(uint64_t bytes, const IOOptions& options, IODebugContext* debug) override {
    absl::MutexLock lock(&files_->mutex_);
    IOStatus status = FSWritableFileOwnerWrapper::Truncate(bytes, options, debug);
    if (!status.ok() || !files_->power_) return status;
    node_->bytes = bytes;
    node_->synced_bytes = std::min(node_->synced_bytes, bytes);
    return status;
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return SyncAll(options, debug);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return SyncAll(options, debug);
  }
  IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  // The real file need not be synced: these tests cut no real power.
  IOStatus SyncAll(const IOOptions& options, IODebugContext* debug) {
    absl::MutexLock lock(&files_->mutex_);
    IOStatus status = Flush(options, debug);
    if (status.ok() && files_->power_ && !node_->sync_failed) {
      node_->synced_bytes = node_->bytes;
    }
    return status;
  }

  LossyFileSystem* const files_;
  const std::shared_ptr<Node> node_;
};

class LossyFileSystem::Directory : public rocksdb::FSDirectoryWrapper {
 public:
  Directory(LossyFileSystem* files, std::string path, std::unique_ptr<rocksdb::FSDirectory> target)
      : FSDirectoryWrapper(std::move(target)), files_(files), path_(std::move(path)) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    absl::MutexLock lock(&files_->mutex_);
    files_->SyncEntries(path_);
    return IOStatus::OK();
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, debug);
  }

 private:
  LossyFileSystem* const files_;
  const std::string path_;
};

LossyFileSystem::LossyFileSystem(std::string attic)
    : FileSystemWrapper(rocksdb::FileSystem::Default()), attic_(std::move(attic)) {}

void LossyFileSystem::CutPower() {
  absl::MutexLock lock(&mutex_);
  power_ = false;
}

void LossyFileSystem::Restart(const Torn& torn) {
  absl::MutexLock lock(&mutex_);
  MakeAsAfterThePowerCut(torn);
  power_ = true;
}

void LossyFileSystem::LoseUnsynced(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  const auto found = now_.find(Normal(path));
  if (found != now_.end()) found->second->sync_failed = true;
}

bool LossyFileSystem::power_is_cut() const {
  absl::MutexLock lock(&mutex_);
  return !power_;
}

void LossyFileSystem::SyncEntries(const std::string& folder) {
  if (!power_) return;
  for (auto it = durable_.begin(); it != durable_.end();) {
    const bool gone = ParentOf(it->first) == folder && now_.count(it->first) == 0;
    it = gone ? durable_.erase(it) : std::next(it);
  }
  for (const auto& [path, node] : now_) {
    if (ParentOf(path) == folder) durable_[path] = node;
  }
}

std::string LossyFileSystem::NewAtticPath() {
  return attic_ + "/" + std::to_string(++attic_files_);
}

void LossyFileSystem::Detach(const std::string& path) {
  const auto found = now_.find(path);
  if (found == now_.end()) return;
  Node& node = *found->second;
  const std::string kept = NewAtticPath();
  fs::rename(node.real_path, kept);
  node.real_path = kept;
  now_.erase(found);
}

bool LossyFileSystem::IsDurable(const std::string& path) const {
  // A folder that was there before is durable.
  if (now_.count(path) == 0 && durable_.count(path) == 0) return true;
  return durable_.count(path) > 0 && IsDurable(ParentOf(path));
}

void LossyFileSystem::MakeAsAfterThePowerCut(const Torn& torn) {
  Entries kept;
  for (const auto& [path, node] : durable_) {
    if (IsDurable(path)) kept[path] = node;
  }
  // First everything leaves its place, so that no name is taken when it gets another content.
  for (const auto& [path, node] : now_) {
    if (node->is_folder) continue;
    const std::string away = NewAtticPath();
    fs::rename(node->real_path, away);
    node->real_path = away;
  }
  for (auto it = now_.rbegin(); it != now_.rend(); ++it) {
    if (it->second->is_folder && kept.count(it->first) == 0) fs::remove_all(it->first);
  }
  for (const auto& [path, node] : kept) {
    if (node->is_folder) continue;
    const uint64_t unsynced = node->bytes - node->synced_bytes;
    if (torn && !node->sync_failed) node->synced_bytes += std::min(torn(path, unsynced), unsynced);
    node->bytes = node->synced_bytes;
    node->sync_failed = false;
    fs::rename(node->real_path, path);
    node->real_path = path;
    fs::resize_file(path, node->bytes);
  }
  now_ = kept;
  durable_ = std::move(kept);
}

IOStatus LossyFileSystem::NewWritableFile(const std::string& given, const FileOptions& options,
                                          std::unique_ptr<rocksdb::FSWritableFile>* result,
                                          IODebugContext* debug) {
  const std::string path = Normal(given);
  absl::MutexLock lock(&mutex_);
  Detach(path);
  std::unique_ptr<rocksdb::FSWritableFile> file;
  IOStatus status = target()->NewWritableFile(path, options, &file, debug);
  if (!status.ok()) return status;
  auto node = std::make_shared<Node>();
  node->real_path = path;
  now_[path] = node;
  *result = std::make_unique<File>(this, std::move(node), std::move(file));
  return status;
}

IOStatus LossyFileSystem::ReopenWritableFile(const std::string&, const FileOptions&,
                                             std::unique_ptr<rocksdb::FSWritableFile>*,
                                             IODebugContext*) {
  return IOStatus::NotSupported("files are not reopened for writing");
}

IOStatus LossyFileSystem::ReuseWritableFile(const std::string&, const std::string&,
                                            const FileOptions&,
                                            std::unique_ptr<rocksdb::FSWritableFile>*,
                                            IODebugContext*) {
  return IOStatus::NotSupported("logs are not recycled");
}

IOStatus LossyFileSystem::NewDirectory(const std::string& path, const IOOptions& options,
                                       std::unique_ptr<rocksdb::FSDirectory>* result,
                                       IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> directory;
  IOStatus status = target()->NewDirectory(path, options, &directory, debug);
  if (status.ok()) {
    *result = std::make_unique<Directory>(this, Normal(path), std::move(directory));
  }
  return status;
}

IOStatus LossyFileSystem::CreateDir(const std::string& given, const IOOptions& options,
                                    IODebugContext* debug) {
  const std::string path = Normal(given);
  absl::MutexLock lock(&mutex_);
  IOStatus status = target()->CreateDir(path, options, debug);
  if (!status.ok()) return status;
  auto node = std::make_shared<Node>();
  node->real_path = path;
  node->is_folder = true;
  now_[path] = std::move(node);
  return status;
}

IOStatus LossyFileSystem::CreateDirIfMissing(const std::string& path, const IOOptions& options,
                                             IODebugContext* debug) {
  if (fs::is_directory(path)) return IOStatus::OK();
  return CreateDir(path, options, debug);
}

IOStatus LossyFileSystem::DeleteFile(const std::string& given, const IOOptions& options,
                                     IODebugContext* debug) {
  const std::string path = Normal(given);
  absl::MutexLock lock(&mutex_);
  if (now_.count(path) == 0) return target()->DeleteFile(path, options, debug);
  Detach(path);
  return IOStatus::OK();
}

IOStatus LossyFileSystem::RenameFile(const std::string& given_from, const std::string& given_to,
                                     const IOOptions& options, IODebugContext* debug) {
  const std::string from = Normal(given_from);
  const std::string to = Normal(given_to);
  absl::MutexLock lock(&mutex_);
  const auto found = now_.find(from);
  if (found == now_.end()) return target()->RenameFile(from, to, options, debug);
  const std::shared_ptr<Node> node = found->second;
  Detach(to);
  IOStatus status = target()->RenameFile(from, to, options, debug);
  if (!status.ok()) return status;
  node->real_path = to;
  now_.erase(from);
  now_[to] = node;
  return status;
}

IOStatus LossyFileSystem::LinkFile(const std::string&, const std::string&, const IOOptions&,
                                   IODebugContext*) {
  return IOStatus::NotSupported("links are not known to LossyFileSystem");
}

IOStatus LossyFileSystem::Truncate(const std::string&, size_t, const IOOptions&, IODebugContext*) {
  return IOStatus::NotSupported("truncation by name is not known to LossyFileSystem");
}

}  // namespace sessionhub::testing
