#include "bench/limits/raw_store.h"

#include <rocksdb/statistics.h>

#include <utility>

#include "hub/store/columns.h"
#include "hub/store/rocks_store.h"

namespace sessionhub::bench {
namespace {

absl::Status FailedInRocksDb(const rocksdb::Status& status) {
  return absl::UnavailableError("RocksDB: " + status.ToString());
}

}  // namespace

absl::StatusOr<std::unique_ptr<RawStore>> RawStore::Make(const std::string& folder) {
  const hub::RocksStoreOptions options;
  const std::shared_ptr<rocksdb::Statistics> statistics = rocksdb::CreateDBStatistics();
  statistics->set_stats_level(rocksdb::StatsLevel::kExceptHistogramOrTimers);
  rocksdb::DBOptions db_options = hub::MakeDbOptions(options, statistics);
  db_options.create_if_missing = true;
  db_options.create_missing_column_families = true;
  db_options.error_if_exists = true;
  hub::ColumnHandles handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::Open(db_options, folder, hub::MakeColumns(options), &handles, &db);
  if (!status.ok()) return FailedInRocksDb(status);
  return std::unique_ptr<RawStore>(new RawStore(db, std::move(handles)));
}

RawStore::~RawStore() {
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  }
  db_->Close().PermitUncheckedError();
}

absl::StatusOr<Spent> RawStore::Write(rocksdb::WriteBatch* batch) {
  rocksdb::WriteOptions options;
  options.sync = true;
  const SpentTimer timer;
  const rocksdb::Status status = db_->Write(options, batch);
  const Spent took = timer.Read();
  if (!status.ok()) return FailedInRocksDb(status);
  return took;
}

}  // namespace sessionhub::bench
