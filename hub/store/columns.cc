#include "hub/store/columns.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/merge_operator.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/statistics.h>
#include <rocksdb/table.h>

#include "hub/store/keys.h"

namespace sessionhub::hub {
namespace {

constexpr double kBloomBitsPerKey = 10;
constexpr uint64_t kFilterPartBytes = 64 << 10;  // docs/adr/0024
constexpr int kInfoLogFiles = 4;
constexpr size_t kInfoLogBytesMax = 8 << 20;
constexpr uint64_t kBackgroundSyncBytes = 1 << 20;

// Keeps the greater of two numbers. Shards advance the hub time at once, and none may set it back.
class MaxOperator : public rocksdb::AssociativeMergeOperator {
 public:
  bool Merge(const rocksdb::Slice&, const rocksdb::Slice* existing, const rocksdb::Slice& value,
             std::string* result, rocksdb::Logger*) const override {
    // The stored form is big-endian: the greater number has the greater bytes.
    const bool keep = existing != nullptr && existing->compare(value) > 0;
    *result = keep ? existing->ToString() : value.ToString();
    return true;
  }
  const char* Name() const override { return "sessionhub.Max"; }
};

std::shared_ptr<rocksdb::TableFactory> MakeTables(std::shared_ptr<rocksdb::Cache> cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = std::move(cache);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
  // In parts: the filter of a whole file is larger than what a shard of the cache holds, and would
  // be read anew, whole, for each look at it. A start reads those of the files that it opens.
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.metadata_block_size = kFilterPartBytes;
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.checksum = rocksdb::kXXH3;
  table.format_version = 5;
  return std::shared_ptr<rocksdb::TableFactory>(rocksdb::NewBlockBasedTableFactory(table));
}

}  // namespace

rocksdb::DBOptions MakeDbOptions(const RocksStoreOptions& options,
                                 std::shared_ptr<rocksdb::Statistics> statistics) {
  rocksdb::DBOptions db;
  if (options.env != nullptr) db.env = options.env;

  // What is lost or damaged is told, never skipped.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  db.track_and_verify_wals_in_manifest = true;
  db.recycle_log_file_num = 0;
  db.max_bgerror_resume_count = 0;
  db.paranoid_checks = true;

  // A start costs the same whatever is stored.
  db.max_total_wal_size = options.wal_bytes_max;
  db.max_open_files = options.open_files_max;
  db.skip_stats_update_on_db_open = true;
  db.skip_checking_sst_file_sizes_on_db_open = true;

  // Background writing in small portions keeps it from standing in the way of the log's syncs.
  db.bytes_per_sync = kBackgroundSyncBytes;
  db.avoid_unnecessary_blocking_io = true;

  db.statistics = std::move(statistics);
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  db.keep_log_file_num = kInfoLogFiles;
  db.max_log_file_size = kInfoLogBytesMax;
  return db;
}

std::vector<rocksdb::ColumnFamilyDescriptor> MakeColumns(const RocksStoreOptions& options) {
  const auto tables = MakeTables(rocksdb::NewLRUCache(options.block_cache_bytes));
  std::vector<rocksdb::ColumnFamilyDescriptor> columns;
  for (const ColumnRow& row : kColumnRows) {
    rocksdb::ColumnFamilyOptions column;
    column.table_factory = tables;
    column.write_buffer_size = options.write_buffer_bytes;
    column.level_compaction_dynamic_level_bytes = true;
    column.compression = rocksdb::kLZ4Compression;
    if (row.keyed_by_session) {
      column.prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(keys::kSessionPrefixBytes));
    }
    if (row.column == Column::kHub) column.merge_operator = std::make_shared<MaxOperator>();
    columns.emplace_back(row.name, column);
  }
  return columns;
}

}  // namespace sessionhub::hub
