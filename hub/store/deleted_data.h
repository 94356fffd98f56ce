// DeletedData: sees to it that the bytes of what was deleted or replaced leave the data folder
// within a time. RocksDB by itself rewrites tables as they fill: where nothing more is written, the
// old bytes stay.
//
// The bytes are in the write-ahead log until its memtables are flushed, and in tables until a
// compaction brings the deletion down to the lowest level, where the deleted lies. Both are done
// here for what is old, a run of slots at a time, on a thread of this object.
#ifndef HUB_STORE_DELETED_DATA_H_
#define HUB_STORE_DELETED_DATA_H_

#include <rocksdb/db.h>
#include <rocksdb/metadata.h>

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "hub/store/record_batch.h"

namespace sessionhub::hub {

// First bytes of keys, from `first` to `last`; of all columns with sessions, that is a slot.
struct SlotRun {
  uint8_t first = 0;
  uint8_t last = 0;
  // Tables of the lowest level hold old bytes, too: a snapshot has kept them when they were made.
  bool lowest_too = false;

  friend bool operator==(const SlotRun&, const SlotRun&) = default;
};

// Where tables of one column family may hold deleted bytes that are `age_s` old or older; runs that
// touch are one, in order. Pure.
std::vector<SlotRun> OldRuns(const std::vector<rocksdb::LiveFileMetaData>& tables, uint64_t now_s,
                             uint64_t age_s);

// Rewrites what OldRuns finds in each column family, and returns how many runs there were. The
// write-ahead log is flushed before with `flush`. Ends early, with what is done, once `stop` is
// true. Errors are those of the file system, after which the store can no longer be written either.
absl::StatusOr<size_t> RewriteOld(rocksdb::DB* db, const ColumnHandles& handles, uint64_t now_s,
                                  uint64_t age_s, bool flush, std::atomic<bool>* stop);

class DeletedData {
 public:
  // Deleted bytes are gone after `bytes_stay_max` while this lives, unless a snapshot is held all
  // the time; looks for them every eighth of that, and at least once an hour. `db` and `handles`
  // outlive this.
  DeletedData(absl::Duration bytes_stay_max, rocksdb::DB* db, const ColumnHandles* handles);
  // Breaks off what is being rewritten, and waits for that.
  ~DeletedData();
  DeletedData(const DeletedData&) = delete;
  DeletedData& operator=(const DeletedData&) = delete;

 private:
  void Run();
  void Look();

  const absl::Duration bytes_stay_max_;
  rocksdb::DB* const db_;
  const ColumnHandles* const handles_;
  absl::Time flushed_;
  std::atomic<bool> stop_ = false;
  absl::Notification stopped_;
  std::thread thread_;
};

}  // namespace sessionhub::hub

#endif  // HUB_STORE_DELETED_DATA_H_
