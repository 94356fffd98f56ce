#include "tests/support/faulty_file_system.h"

#include <cstring>
#include <utility>

namespace sessionhub::testing {
namespace {

using ::rocksdb::FileOptions;
using ::rocksdb::IODebugContext;
using ::rocksdb::IOOptions;
using ::rocksdb::IOStatus;
using ::rocksdb::Slice;

// So that a byte of it can be changed: a file may give back memory that is not ours.
void MoveTo(char* scratch, Slice* result) {
  if (result->data() == scratch) return;
  std::memmove(scratch, result->data(), result->size());
  *result = Slice(scratch, result->size());
}

}  // namespace

class FaultyFileSystem::SequentialFile : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  SequentialFile(FaultyFileSystem* files, std::string path,
                 std::unique_ptr<rocksdb::FSSequentialFile> target)
      : FSSequentialFileOwnerWrapper(std::move(target)), files_(files), path_(std::move(path)) {}

  IOStatus Read(size_t n, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* debug) override {
    return files_->faults_.Make(Call::kRead, path_, [&] {
      IOStatus status = FSSequentialFileOwnerWrapper::Read(n, options, result, scratch, debug);
      if (!status.ok()) return status;
      MoveTo(scratch, result);
      files_->FlipIfAsked(path_, offset_, scratch, result->size());
      offset_ += result->size();
      return status;
    });
  }
  IOStatus Skip(uint64_t n) override {
    offset_ += n;
    return FSSequentialFileOwnerWrapper::Skip(n);
  }

 private:
  FaultyFileSystem* const files_;
  const std::string path_;
  uint64_t offset_ = 0;
};

class FaultyFileSystem::RandomAccessFile : public rocksdb::FSRandomAccessFileOwnerWrapper {
 public:
  RandomAccessFile(FaultyFileSystem* files, std::string path,
                   std::unique_ptr<rocksdb::FSRandomAccessFile> target)
      : FSRandomAccessFileOwnerWrapper(std::move(target)), files_(files), path_(std::move(path)) {}

  IOStatus Read(uint64_t offset, size_t n, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* debug) const override {
    return files_->faults_.Make(Call::kRead, path_, [&] {
      IOStatus status =
          FSRandomAccessFileOwnerWrapper::Read(offset, n, options, result, scratch, debug);
      if (!status.ok()) return status;
      MoveTo(scratch, result);
      files_->FlipIfAsked(path_, offset, scratch, result->size());
      return status;
    });
  }
  // One Read for each: the base class does that.
  IOStatus MultiRead(rocksdb::FSReadRequest* requests, size_t count, const IOOptions& options,
                     IODebugContext* debug) override {
    return FSRandomAccessFile::MultiRead(requests, count, options, debug);
  }
  // What is read ahead would pass by.
  IOStatus Prefetch(uint64_t, size_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  IOStatus ReadAsync(rocksdb::FSReadRequest&, const IOOptions&,
                     std::function<void(const rocksdb::FSReadRequest&, void*)>, void*, void**,
                     rocksdb::IOHandleDeleter*, IODebugContext*) override {
    return IOStatus::NotSupported("asynchronous reads are not known to FaultyFileSystem");
  }

 private:
  FaultyFileSystem* const files_;
  const std::string path_;
};

class FaultyFileSystem::WritableFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  WritableFile(FaultyFileSystem* files, std::string path,
               std::unique_ptr<rocksdb::FSWritableFile> target)
      : FSWritableFileOwnerWrapper(std::move(target)), files_(files), path_(std::move(path)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    return files_->faults_.Make(Call::kAppend, path_, [&] {
      const uint64_t fits = files_->faults_.TakeSpace(data.size());
      IOStatus status = FSWritableFileOwnerWrapper::Append({data.data(), fits}, options, debug);
      if (!status.ok() || fits == data.size()) return status;
      return IOStatus::NoSpace("No space left on device", path_);
    });
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return SyncAll(options, debug);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return SyncAll(options, debug);
  }

 private:
  IOStatus SyncAll(const IOOptions& options, IODebugContext* debug) {
    bool done = false;
    IOStatus status = files_->faults_.Make(Call::kSync, path_, [&] {
      done = true;
      return FSWritableFileOwnerWrapper::Sync(options, debug);
    });
    if (!done) files_->lossy_->LoseUnsynced(path_);
    return status;
  }

  FaultyFileSystem* const files_;
  const std::string path_;
};

class FaultyFileSystem::Directory : public rocksdb::FSDirectoryWrapper {
 public:
  Directory(FaultyFileSystem* files, std::string path, std::unique_ptr<rocksdb::FSDirectory> target)
      : FSDirectoryWrapper(std::move(target)), files_(files), path_(std::move(path)) {}

  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return files_->faults_.Make(Call::kSyncFolder, path_,
                                [&] { return FSDirectoryWrapper::Fsync(options, debug); });
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, debug);
  }

 private:
  FaultyFileSystem* const files_;
  const std::string path_;
};

FaultyFileSystem::FaultyFileSystem(std::string attic)
    : FaultyFileSystem(std::make_shared<LossyFileSystem>(std::move(attic))) {}

FaultyFileSystem::FaultyFileSystem(std::shared_ptr<LossyFileSystem> lossy)
    : FileSystemWrapper(lossy),
      lossy_(std::move(lossy)),
      faults_([files = lossy_.get()] { files->CutPower(); }) {}

void FaultyFileSystem::Restart(const LossyFileSystem::Torn& torn) {
  faults_.Clear();
  lossy_->Restart(torn);
}

void FaultyFileSystem::FlipReads(const std::string& ending, uint64_t offset, uint8_t bits) {
  absl::MutexLock lock(&mutex_);
  flip_ = {ending, offset, bits};
}

void FaultyFileSystem::FlipIfAsked(const std::string& path, uint64_t offset, char* bytes,
                                   size_t count) const {
  absl::MutexLock lock(&mutex_);
  if (flip_.bits == 0 || !path.ends_with(flip_.ending)) return;
  if (flip_.offset < offset || flip_.offset >= offset + count) return;
  char& byte = bytes[flip_.offset - offset];
  byte = static_cast<char>(byte ^ flip_.bits);
}

IOStatus FaultyFileSystem::NewSequentialFile(const std::string& path, const FileOptions& options,
                                             std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                             IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSSequentialFile> file;
  IOStatus status = faults_.Make(
      Call::kOpen, path, [&] { return target()->NewSequentialFile(path, options, &file, debug); });
  if (status.ok()) *result = std::make_unique<SequentialFile>(this, path, std::move(file));
  return status;
}

IOStatus FaultyFileSystem::NewRandomAccessFile(const std::string& path, const FileOptions& options,
                                               std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                               IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSRandomAccessFile> file;
  IOStatus status = faults_.Make(Call::kOpen, path, [&] {
    return target()->NewRandomAccessFile(path, options, &file, debug);
  });
  if (status.ok()) *result = std::make_unique<RandomAccessFile>(this, path, std::move(file));
  return status;
}

IOStatus FaultyFileSystem::NewWritableFile(const std::string& path, const FileOptions& options,
                                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                                           IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSWritableFile> file;
  IOStatus status = faults_.Make(
      Call::kCreate, path, [&] { return target()->NewWritableFile(path, options, &file, debug); });
  if (status.ok()) *result = std::make_unique<WritableFile>(this, path, std::move(file));
  return status;
}

IOStatus FaultyFileSystem::NewDirectory(const std::string& path, const IOOptions& options,
                                        std::unique_ptr<rocksdb::FSDirectory>* result,
                                        IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> directory;
  IOStatus status = target()->NewDirectory(path, options, &directory, debug);
  if (status.ok()) *result = std::make_unique<Directory>(this, path, std::move(directory));
  return status;
}

IOStatus FaultyFileSystem::CreateDir(const std::string& path, const IOOptions& options,
                                     IODebugContext* debug) {
  return faults_.Make(Call::kCreateFolder, path,
                      [&] { return target()->CreateDir(path, options, debug); });
}

IOStatus FaultyFileSystem::CreateDirIfMissing(const std::string& path, const IOOptions& options,
                                              IODebugContext* debug) {
  if (target()->FileExists(path, options, debug).ok()) {
    return target()->CreateDirIfMissing(path, options, debug);
  }
  return CreateDir(path, options, debug);
}

IOStatus FaultyFileSystem::DeleteFile(const std::string& path, const IOOptions& options,
                                      IODebugContext* debug) {
  return faults_.Make(Call::kDelete, path,
                      [&] { return target()->DeleteFile(path, options, debug); });
}

IOStatus FaultyFileSystem::RenameFile(const std::string& from, const std::string& to,
                                      const IOOptions& options, IODebugContext* debug) {
  return faults_.Make(Call::kRename, to,
                      [&] { return target()->RenameFile(from, to, options, debug); });
}

}  // namespace sessionhub::testing
