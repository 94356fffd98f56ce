// RocksReader: every read of an open database, decoded. Stateless apart from what it points to.
//
// Thread-safety: as RocksDB's own reads, from any thread.
#ifndef HUB_STORE_ROCKS_READER_H_
#define HUB_STORE_ROCKS_READER_H_

#include <rocksdb/db.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/record/read_set.h"
#include "hub/store/record_batch.h"
#include "hub/store/store.h"

namespace sessionhub::hub {

class RocksReader {
 public:
  // Neither is owned; both outlive the reader.
  RocksReader(rocksdb::DB* db, const ColumnHandles* handles) : db_(db), handles_(handles) {}

  // Point reads: one MultiGet for each column that is asked.
  absl::Status ReadPoints(const ReadSet& reads, Loaded* loaded) const;
  absl::Status ReadFields(const FieldRange& range, std::vector<FieldEntry>* entries) const;
  absl::Status ReadDue(const DueRange& range, std::vector<DueEntry>* entries) const;

  absl::Status VisitFields(
      SessionNumber session,
      const std::function<bool(const Path& path, const stored::Field& field)>& visit) const;
  // Adds the names from key `begin` up to but without `end`, until there are `count_max` entries.
  absl::Status ReadNames(const std::string& begin, const std::string& end, size_t count_max,
                         std::vector<NameEntry>* entries) const;

  // One key of the hub's own column, decoded; nothing if there is no such record.
  template <typename Record>
  absl::StatusOr<std::optional<Record>> FindRecord(const std::string& key) const;
  absl::StatusOr<uint64_t> FindNumber(const std::string& key) const;

  // The last key from `begin` up to but without `end`; empty if there is none. In the hub's column.
  absl::StatusOr<std::string> LastKey(const std::string& begin, const std::string& end) const;

 private:
  // Calls `visit` with each key and value from `begin` up to but without `end`, in key order and
  // from one snapshot, until it returns false or an error.
  using Visit =
      std::function<absl::StatusOr<bool>(const rocksdb::Slice& key, const rocksdb::Slice& value)>;
  absl::Status Scan(Column column, const std::string& begin, const std::string& end,
                    const Visit& visit) const;

  template <typename Key, typename Record, typename Map, typename MakeKey>
  absl::Status ReadColumn(Column column, const std::vector<Key>& wanted, const MakeKey& make_key,
                          Map* records) const;

  rocksdb::DB* const db_;
  const ColumnHandles* const handles_;
};

}  // namespace sessionhub::hub

#endif  // HUB_STORE_ROCKS_READER_H_
