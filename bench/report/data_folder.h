// A hub's data folder from outside: how much of its log a start would read, and what the kernel
// keeps of it in memory.
#ifndef BENCH_REPORT_DATA_FOLDER_H_
#define BENCH_REPORT_DATA_FOLDER_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace sessionhub::bench {

// Bytes of RocksDB's write-ahead logs in `folder`; 0 if there is no such folder.
uint64_t LogBytes(const std::string& folder);

// Returns the bytes once LogBytes is within [least, most]: logs that are more than the database
// lets stand hold what is in its tables already. DeadlineExceeded after two minutes.
absl::StatusOr<uint64_t> AwaitLogBytes(const std::string& folder, uint64_t least, uint64_t most);

// The kernel keeps nothing in memory of what is in the files below `folder` and on the disk.
// Unavailable if there is no such folder, or a file cannot be opened.
absl::Status ForgetPages(const std::string& folder);

}  // namespace sessionhub::bench

#endif  // BENCH_REPORT_DATA_FOLDER_H_
