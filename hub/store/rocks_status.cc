#include "hub/store/rocks_status.h"

#include <initializer_list>

#include "proto/session/error_codes.h"

namespace sessionhub::hub {
namespace {

bool Mentions(const std::string& text, std::initializer_list<const char*> words) {
  for (const char* word : words) {
    if (text.find(word) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

absl::Status FromRocks(const rocksdb::Status& status, const std::string& doing) {
  if (status.ok()) return absl::OkStatus();
  const std::string cause = status.ToString();
  const std::string head = doing + ": ";
  // RocksDB tells these apart by its text only.
  if (Mentions(cause, {"lock hold by current process", "While lock file"})) {
    return absl::FailedPreconditionError(
        head + "it is in use by another process; stop that one or choose another folder (" + cause +
        ")");
  }
  if (Mentions(cause, {"Permission denied", "Read-only file system", "Operation not permitted"})) {
    return absl::PermissionDeniedError(
        head + "not allowed to; give this user read and write access to the folder (" + cause +
        ")");
  }
  if (status.IsNoSpace() || Mentions(cause, {"No space left", "Disk quota exceeded"})) {
    return absl::ResourceExhaustedError(head + "the disk is full; free space and restart (" +
                                        cause + ")");
  }
  if (Mentions(cause, {"Too many open files"})) {
    return absl::ResourceExhaustedError(head +
                                        "this process may open no more files; raise its limit "
                                        "(ulimit -n, or systemd's LimitNOFILE) and restart (" +
                                        cause + ")");
  }
  if (status.IsCorruption()) {
    return ErrorStatus(
        CallError::kRecordDamaged,
        head + "stored data are damaged; restore the folder from a backup (" + cause + ")");
  }
  return absl::InternalError(head + cause);
}

}  // namespace sessionhub::hub
