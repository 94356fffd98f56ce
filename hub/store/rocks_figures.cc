#include "hub/store/rocks_figures.h"

#include <cstdint>
#include <string>

namespace sessionhub::hub {
namespace {

using Properties = rocksdb::DB::Properties;

struct TickerRow {
  rocksdb::Tickers ticker;
  double unit;  // what one of the ticker is
  const char* name;
  const char* help;
};

constexpr double kMicrosecond = 1e-6;

constexpr TickerRow kTickerRows[] = {
    {rocksdb::BLOCK_CACHE_HIT, 1, "rocksdb_block_cache_hits_total",
     "Blocks that were found in RocksDB's block cache."},
    {rocksdb::BLOCK_CACHE_MISS, 1, "rocksdb_block_cache_misses_total",
     "Blocks that were read from files."},
    {rocksdb::BLOOM_FILTER_USEFUL, 1, "rocksdb_bloom_filter_useful_total",
     "Reads of files that a Bloom filter has spared."},
    {rocksdb::MEMTABLE_HIT, 1, "rocksdb_memtable_hits_total",
     "Reads that a memtable has answered."},
    {rocksdb::MEMTABLE_MISS, 1, "rocksdb_memtable_misses_total",
     "Reads that no memtable could answer."},
    {rocksdb::WAL_FILE_SYNCED, 1, "rocksdb_wal_syncs_total", "Syncs of the write-ahead log."},
    {rocksdb::WAL_FILE_BYTES, 1, "rocksdb_wal_written_bytes_total",
     "Bytes written to the write-ahead log."},
    {rocksdb::NUMBER_KEYS_WRITTEN, 1, "rocksdb_keys_written_total",
     "Keys that were put or deleted."},
    {rocksdb::FLUSH_WRITE_BYTES, 1, "rocksdb_flush_written_bytes_total",
     "Bytes that memtables became in files."},
    {rocksdb::COMPACT_READ_BYTES, 1, "rocksdb_compaction_read_bytes_total",
     "Bytes that compactions have read."},
    {rocksdb::COMPACT_WRITE_BYTES, 1, "rocksdb_compaction_written_bytes_total",
     "Bytes that compactions have written."},
    {rocksdb::STALL_MICROS, kMicrosecond, "rocksdb_stall_seconds_total",
     "Time that writes were held up because flushes or compactions were behind."},
};

struct PropertyRow {
  const std::string* property;
  bool of_all_columns;  // the sum over the column families; else of the whole database
  const char* name;
  const char* help;
};

const PropertyRow kPropertyRows[] = {
    {&Properties::kCurSizeAllMemTables, true, "rocksdb_memtables_bytes",
     "Bytes of memory in memtables, of all column families."},
    {&Properties::kLiveSstFilesSize, true, "rocksdb_live_sst_bytes",
     "Bytes of the table files in use."},
    {&Properties::kEstimateNumKeys, true, "rocksdb_keys",
     "RocksDB's estimate of how many keys are stored, of all column families."},
    {&Properties::kEstimatePendingCompactionBytes, true, "rocksdb_pending_compaction_bytes",
     "RocksDB's estimate of what compactions still have to rewrite."},
    {&Properties::kEstimateTableReadersMem, true, "rocksdb_table_readers_bytes",
     "Bytes of memory for open table files outside the block cache."},
    {&Properties::kBlockCacheUsage, false, "rocksdb_block_cache_bytes",
     "Bytes of the block cache in use."},
    {&Properties::kBlockCacheCapacity, false, "rocksdb_block_cache_max_bytes",
     "Bytes that the block cache may take: --block-cache-bytes."},
    {&Properties::kNumRunningCompactions, false, "rocksdb_running_compactions",
     "Compactions that run now."},
    {&Properties::kNumRunningFlushes, false, "rocksdb_running_flushes", "Flushes that run now."},
    {&Properties::kNumSnapshots, false, "rocksdb_snapshots",
     "Snapshots that are held now; each large catch-up holds one."},
    {&Properties::kIsWriteStopped, false, "rocksdb_writes_stopped",
     "1 while RocksDB takes no writes, else 0."},
    {&Properties::kBackgroundErrors, false, "rocksdb_background_errors",
     "Flushes and compactions that have failed; the hub stops at the first write after one."},
};

}  // namespace

std::vector<StoreFigure> FiguresOf(rocksdb::DB* db, const rocksdb::Statistics& statistics) {
  std::vector<StoreFigure> figures;
  for (const TickerRow& row : kTickerRows) {
    const auto ticks = static_cast<double>(statistics.getTickerCount(row.ticker));
    figures.push_back({row.name, row.help, true, ticks * row.unit});
  }
  for (const PropertyRow& row : kPropertyRows) {
    uint64_t value = 0;
    const bool told = row.of_all_columns ? db->GetAggregatedIntProperty(*row.property, &value)
                                         : db->GetIntProperty(*row.property, &value);
    if (told) figures.push_back({row.name, row.help, false, static_cast<double>(value)});
  }
  return figures;
}

}  // namespace sessionhub::hub
