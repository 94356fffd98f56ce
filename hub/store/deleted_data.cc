#include "hub/store/deleted_data.h"

#include <glog/logging.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <string>

#include "absl/time/clock.h"
#include "hub/store/rocks_status.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

constexpr size_t kFirstBytes = 256;
constexpr absl::Duration kLookMax = absl::Hours(1);
// A table is rewritten at a fourth of the time, so that there is a second try within it if a
// snapshot has kept bytes at the first one.
constexpr int kLooksInTime = 8;
constexpr int kAgesInTime = 4;

enum class Old : uint8_t { kNo, kYes, kInLowest };

uint8_t FirstByteOf(const std::string& key) {
  return key.empty() ? 0 : static_cast<uint8_t>(key[0]);
}

using Tables = std::vector<rocksdb::LiveFileMetaData>;

// Nothing that the table's deletions delete lies below it. Tables of level 0 overlap each other.
bool IsLowest(const rocksdb::LiveFileMetaData& table, const Tables& tables) {
  if (table.level == 0) return false;
  return std::none_of(tables.begin(), tables.end(), [&table](const auto& other) {
    return other.level > table.level && other.smallestkey <= table.largestkey &&
           table.smallestkey <= other.largestkey;
  });
}

Old IsOld(const rocksdb::LiveFileMetaData& table, const Tables& tables, uint64_t now_s,
          uint64_t age_s) {
  const auto aged = [&](uint64_t time_s) { return time_s + age_s <= now_s; };
  if (!IsLowest(table, tables)) {
    const bool known = table.oldest_ancester_time != 0;
    const uint64_t time_s = known ? table.oldest_ancester_time : table.file_creation_time;
    return aged(time_s) ? Old::kYes : Old::kNo;
  }
  // A compaction into the lowest level takes their order from all entries, unless a snapshot has
  // kept several of one key; and where a table was moved as it was, nobody has looked.
  if (table.largest_seqno == 0 || !aged(table.file_creation_time)) return Old::kNo;
  return Old::kInLowest;
}

// Slot bytes instead of whole keys: RocksDB writes the ends of the range into its diary, and whole
// keys hold ids.
absl::Status RewriteRun(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* column, const SlotRun& run,
                        std::atomic<bool>* stop) {
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = run.lowest_too
                                            ? rocksdb::BottommostLevelCompaction::kForceOptimized
                                            : rocksdb::BottommostLevelCompaction::kSkip;
  options.canceled = stop;
  const std::string begin(1, static_cast<char>(run.first));
  const std::string end(1, static_cast<char>(run.last + 1));
  const rocksdb::Slice from = begin, to = end;
  const bool to_the_end = run.last == std::numeric_limits<uint8_t>::max();
  const rocksdb::Status status =
      db->CompactRange(options, column, &from, to_the_end ? nullptr : &to);
  if (status.IsIncomplete() && *stop) return absl::OkStatus();
  return FromRocks(status, "cannot rewrite old tables");
}

}  // namespace

std::vector<SlotRun> OldRuns(const std::vector<rocksdb::LiveFileMetaData>& tables, uint64_t now_s,
                             uint64_t age_s) {
  std::array<Old, kFirstBytes> old{};
  for (const auto& table : tables) {
    const Old found = IsOld(table, tables, now_s, age_s);
    const size_t last = FirstByteOf(table.largestkey);
    for (size_t byte = FirstByteOf(table.smallestkey); byte <= last; ++byte) {
      old[byte] = std::max(old[byte], found);
    }
  }
  std::vector<SlotRun> runs;
  for (size_t byte = 0; byte < kFirstBytes; ++byte) {
    if (old[byte] == Old::kNo) continue;
    const auto slot = static_cast<uint8_t>(byte);
    if (byte == 0 || old[byte - 1] == Old::kNo) runs.push_back({slot, slot, false});
    runs.back().last = slot;
    runs.back().lowest_too |= old[byte] == Old::kInLowest;
  }
  return runs;
}

absl::StatusOr<size_t> RewriteOld(rocksdb::DB* db, const ColumnHandles& handles, uint64_t now_s,
                                  uint64_t age_s, bool flush, std::atomic<bool>* stop) {
  if (flush) {
    RETURN_IF_ERROR(
        FromRocks(db->Flush(rocksdb::FlushOptions(), handles), "cannot flush the log into tables"));
  }
  Tables all;
  db->GetLiveFilesMetaData(&all);
  size_t count = 0;
  for (rocksdb::ColumnFamilyHandle* column : handles) {
    Tables tables;
    std::copy_if(all.begin(), all.end(), std::back_inserter(tables),
                 [&](const auto& table) { return table.column_family_name == column->GetName(); });
    for (const SlotRun& run : OldRuns(tables, now_s, age_s)) {
      if (*stop) return count;
      RETURN_IF_ERROR(RewriteRun(db, column, run, stop));
      ++count;
    }
  }
  return count;
}

DeletedData::DeletedData(absl::Duration bytes_stay_max, rocksdb::DB* db,
                         const ColumnHandles* handles)
    : bytes_stay_max_(bytes_stay_max),
      db_(db),
      handles_(handles),
      flushed_(absl::Now()),
      thread_([this] { Run(); }) {}

DeletedData::~DeletedData() {
  stop_ = true;
  stopped_.Notify();
  thread_.join();
}

void DeletedData::Run() {
  const absl::Duration pause = std::min(bytes_stay_max_ / kLooksInTime, kLookMax);
  while (!stopped_.WaitForNotificationWithTimeout(pause)) Look();
}

void DeletedData::Look() {
  const absl::Time now = absl::Now();
  const bool flush = now - flushed_ >= bytes_stay_max_ / kLooksInTime;
  if (flush) flushed_ = now;
  const absl::StatusOr<size_t> runs = RewriteOld(
      db_, *handles_, static_cast<uint64_t>(absl::ToUnixSeconds(now)),
      static_cast<uint64_t>(absl::ToInt64Seconds(bytes_stay_max_ / kAgesInTime)), flush, &stop_);
  if (!runs.ok()) {
    // The next write of the store meets the same, and stops the hub if it must.
    LOG(WARNING) << "event=deleted_data_stays status=\"" << runs.status().ToString() << "\"";
  } else if (*runs > 0) {
    LOG(INFO) << "event=deleted_data_rewritten ranges=" << *runs
              << " duration_ms=" << absl::ToInt64Milliseconds(absl::Now() - now);
  }
}

}  // namespace sessionhub::hub
