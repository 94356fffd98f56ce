// WalCheck: looks for damage in RocksDB's write-ahead logs that RocksDB itself takes for their end,
// and in its manifest, which says which tables and logs there are and has the format of a log.
//
// RocksDB finds a flipped byte by its checksums, except in the few bytes that say how long a record
// is and of what type: some values there read as "the log ends here", and every later record would
// be dropped without a word. A log that really ends in a torn write has nothing behind the tear,
// and what is there of the torn record does not match its checksum. So this walks the heads of all
// records before RocksDB opens the logs, and tells a tear from damage.
//
// The log format: https://github.com/facebook/rocksdb/wiki/Write-Ahead-Log-File-Format
#ifndef HUB_STORE_WAL_CHECK_H_
#define HUB_STORE_WAL_CHECK_H_

#include <rocksdb/env.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace sessionhub::hub {

enum class WalChecksums {
  kSkip,    // heads only: what RocksDB does not find. Reads each log once, at the speed of memory.
  kVerify,  // the records too: says which file RocksDB stumbled over
};

enum class WalsExpected {
  kOneAtLeast,  // a database that was open: RocksDB always leaves one, be it empty
  kAnyNumber,   // a backup, or a copy of one: empty logs are left out, and it lists the others
};

// Checks every log in the RocksDB folder `db_path`. DataLoss, naming the first damaged file and the
// offset, or saying that there is no log at all where one is expected. Internal if a file cannot be
// read.
absl::Status CheckWals(rocksdb::Env* env, const std::string& db_path, WalChecksums checksums,
                       WalsExpected expected = WalsExpected::kOneAtLeast);

// Checks the manifest in the RocksDB folder `db_path`, and CURRENT, which names it. Errors as those
// of CheckWals.
absl::Status CheckManifest(rocksdb::Env* env, const std::string& db_path, WalChecksums checksums);

}  // namespace sessionhub::hub

#endif  // HUB_STORE_WAL_CHECK_H_
