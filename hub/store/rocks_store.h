// RocksStore: the Store in a RocksDB data folder. Together with keys.h and columns.h the only code
// that knows RocksDB.
//
// A data folder holds `FORMAT` (one line of text, readable without RocksDB) and `db/` (RocksDB).
// docs/storage.md explains every setting.
#ifndef HUB_STORE_ROCKS_STORE_H_
#define HUB_STORE_ROCKS_STORE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "hub/store/formats.h"
#include "hub/store/store.h"

namespace rocksdb {
class Env;
}

namespace sessionhub::hub {

struct RocksStoreOptions {
  std::string data_dir;  // created if missing
  Formats formats = kFormats;
  uint64_t block_cache_bytes = 256ull << 20;
  uint64_t write_buffer_bytes = 64ull << 20;  // of each column family
  uint64_t wal_bytes_max = 24ull << 20;       // bounds what a start must replay
  int open_files_max = 512;                   // bounds what a start must open
  rocksdb::Env* env = nullptr;   // not owned; nullptr: the real file system. For tests.
  HistoryId fresh_history_id{};  // used if the folder is new; random bits by the caller
  uint64_t now_us = 0;           // recorded as the time of creation, if the folder is new
  // The folder holds a restored backup that nobody has opened yet, see restore.h: it is opened as
  // it is, gets fresh_history_id, and is a data folder from then on.
  bool restored = false;
  std::string backup_dir;  // where backups of it are made; empty: nowhere
  uint64_t backup_bytes_per_s_max = 64ull << 20;
  // After which the bytes of what was deleted or replaced are in no file of the folder; 0: when
  // RocksDB happens to rewrite them.
  uint64_t deleted_data_ms = 0;
};

// Counts since the store was opened.
struct StoreStatistics {
  uint64_t blocks_read = 0;    // data, index and filter blocks that were read from files
  uint64_t bytes_written = 0;  // to the write-ahead log
  uint64_t syncs = 0;          // of the write-ahead log
};

class RocksStore : public Store {
 public:
  // Opens the folder, creating it if there is none. Errors name the folder and the remedy:
  //   FailedPrecondition  in use by another process, or of a format that is not in options.formats
  //   PermissionDenied    cannot be read or written
  //   DataLoss            damaged: names the damaged file. A torn last write is not damage.
  //   Internal            any other failure of the file system
  static absl::StatusOr<std::unique_ptr<RocksStore>> Open(const RocksStoreOptions& options);

  virtual StoreStatistics statistics() const = 0;
};

}  // namespace sessionhub::hub

#endif  // HUB_STORE_ROCKS_STORE_H_
