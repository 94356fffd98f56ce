// RocksStatus: RocksDB's errors in our words. The only place where a rocksdb::Status becomes an
// absl::Status.
#ifndef HUB_STORE_ROCKS_STATUS_H_
#define HUB_STORE_ROCKS_STATUS_H_

#include <rocksdb/status.h>

#include <string>

#include "absl/status/status.h"

namespace sessionhub::hub {

// `doing` says what failed, as in "cannot open data folder X". OK for OK; else
//   FailedPrecondition  the folder is in use by another process
//   PermissionDenied    the file system does not let us
//   ResourceExhausted   the disk is full
//   DataLoss            stored bytes are damaged; RocksDB's own text names the file where it knows
//   it Internal            anything else
absl::Status FromRocks(const rocksdb::Status& status, const std::string& doing);

}  // namespace sessionhub::hub

#endif  // HUB_STORE_ROCKS_STATUS_H_
