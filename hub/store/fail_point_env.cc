#include "hub/store/fail_point_env.h"

#include "hub/fail_point.h"

#ifdef SESSIONHUB_FAIL_POINTS

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <memory>
#include <string>
#include <utility>

namespace sessionhub::hub {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

// What a process wrote survives its death, synced or not. So a crash in the middle of a write
// leaves a torn record, and one before a sync a record that nobody was told of.
class LogFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  using FSWritableFileOwnerWrapper::FSWritableFileOwnerWrapper;

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  IODebugContext* debug) override {
    TearIfDue(data, options, debug);
    return FSWritableFileOwnerWrapper::Append(data, options, debug);
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& verification,
                  IODebugContext* debug) override {
    TearIfDue(data, options, debug);
    return FSWritableFileOwnerWrapper::Append(data, options, verification, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    FAIL_POINT("sync.within");
    return FSWritableFileOwnerWrapper::Sync(options, debug);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    FAIL_POINT("sync.within");
    return FSWritableFileOwnerWrapper::Fsync(options, debug);
  }

 private:
  void TearIfDue(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* debug) {
    if (!FailPointIsDue(FAIL_POINT_NUMBER("sync.torn"))) return;
    FSWritableFileOwnerWrapper::Append({data.data(), data.size() / 2}, options, debug)
        .PermitUncheckedError();
    DieAtFailPoint();
  }
};

class FailPointFileSystem : public rocksdb::FileSystemWrapper {
 public:
  FailPointFileSystem() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

  const char* Name() const override { return "FailPointFileSystem"; }
  IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext* debug) override {
    IOStatus status = target()->NewWritableFile(path, options, result, debug);
    if (status.ok() && path.ends_with(".log")) {
      *result = std::make_unique<LogFile>(std::move(*result));
    }
    return status;
  }
};

}  // namespace

rocksdb::Env* FailPointEnv() {
  static rocksdb::Env* const kEnv =
      rocksdb::NewCompositeEnv(std::make_shared<FailPointFileSystem>()).release();
  return kEnv;
}

}  // namespace sessionhub::hub

#else

namespace sessionhub::hub {

rocksdb::Env* FailPointEnv() {
  return nullptr;
}

}  // namespace sessionhub::hub

#endif
