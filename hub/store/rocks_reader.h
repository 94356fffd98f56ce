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

  absl::Status VisitFields(SessionNumber session, const VisitField& visit) const;
  // The same of what `snapshot` (not owned) sees, behind `after` if that is given. Passes by the
  // block cache: who reads a large session once must not drop what the turns use.
  absl::Status VisitFields(SessionNumber session, const rocksdb::Snapshot* snapshot,
                           const std::optional<Path>& after, const VisitField& visit) const;
  // Adds the names from key `begin` up to but without `end`, until there are `count_max` entries.
  absl::Status ReadNames(const std::string& begin, const std::string& end, size_t count_max,
                         std::vector<NameEntry>* entries) const;

  // Adds the entries from key `begin` up to but without `end`, until there are `count_max`.
  absl::Status ReadAppSessions(std::vector<AppSlotCount>* counts) const;
  absl::Status ReadLastSeen(const std::string& begin, const std::string& end, size_t count_max,
                            std::vector<LastSeenEntry>* entries) const;
  // Adds the sessions whose owner keys start with `prefix`, from key `begin` on.
  absl::Status ReadOwned(const std::string& prefix, const std::string& begin, size_t count_max,
                         std::vector<SessionNumber>* sessions) const;

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
  absl::Status ScanWith(rocksdb::ReadOptions options, Column column, const std::string& begin,
                        const std::string& end, const Visit& visit) const;
  absl::Status VisitFieldsWith(const rocksdb::ReadOptions& options, SessionNumber session,
                               const std::optional<Path>& after, const VisitField& visit) const;

  template <typename Key, typename Record, typename Map, typename MakeKey>
  absl::Status ReadColumn(Column column, const std::vector<Key>& wanted, const MakeKey& make_key,
                          Map* records) const;

  rocksdb::DB* const db_;
  const ColumnHandles* const handles_;
};

}  // namespace sessionhub::hub

#endif  // HUB_STORE_ROCKS_READER_H_
