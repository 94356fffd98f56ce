// RawStore: a RocksDB database with the hub's columns and settings and nothing of the hub's code
// above it: it writes batches that somebody else has made.
//
// Not thread-safe.
#ifndef BENCH_LIMITS_RAW_STORE_H_
#define BENCH_LIMITS_RAW_STORE_H_

#include <rocksdb/db.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/limits/meter.h"
#include "hub/store/record_batch.h"

namespace sessionhub::bench {

class RawStore {
 public:
  // Makes a database in `folder`, which must not hold one. Errors are RocksDB's, as Unavailable.
  static absl::StatusOr<std::unique_ptr<RawStore>> Make(const std::string& folder);
  RawStore(const RawStore&) = delete;
  RawStore& operator=(const RawStore&) = delete;
  ~RawStore();

  const hub::ColumnHandles& handles() const { return handles_; }

  // Writes the batch, synced. Returns what that took; Unavailable, with what RocksDB says.
  absl::StatusOr<Spent> Write(rocksdb::WriteBatch* batch);

 private:
  RawStore(rocksdb::DB* db, hub::ColumnHandles handles) : db_(db), handles_(std::move(handles)) {}

  const std::unique_ptr<rocksdb::DB> db_;
  const hub::ColumnHandles handles_;
};

}  // namespace sessionhub::bench

#endif  // BENCH_LIMITS_RAW_STORE_H_
