// Columns: RocksDB's column families, declared once, and every setting that RocksDB gets from us.
// docs/storage.md gives the reason for each setting.
#ifndef HUB_STORE_COLUMNS_H_
#define HUB_STORE_COLUMNS_H_

#include <rocksdb/db.h>

#include <array>
#include <memory>
#include <vector>

#include "hub/store/rocks_store.h"

namespace sessionhub::hub {

// The order is the order of the handles in an open database and stored nowhere: RocksDB knows
// column families by name.
enum class Column { kHub, kNames, kMetas, kIdentities, kFields, kDue, kOwners };
inline constexpr size_t kColumns = 7;

struct ColumnRow {
  Column column;
  const char* name;
  bool keyed_by_session;  // keys start with keys::kSessionPrefixBytes that name a session
};

inline constexpr std::array<ColumnRow, kColumns> kColumnRows = {{
    // Of the hub as a whole: folder, hub time, session counts, apps, incarnations. Small.
    {Column::kHub, "default", false},
    // What an id points to. Read at each Open, by point lookups; listed by operators.
    {Column::kNames, "names", false},
    // The part of a session that each commit rewrites. Point lookups only.
    {Column::kMetas, "metas", false},
    // The part of a session that hardly ever changes, kept apart so that a commit need not rewrite
    // it.
    {Column::kIdentities, "identities", false},
    // One record for each field. Point lookups, and scans within one session.
    {Column::kFields, "fields", true},
    // What is due when. Scanned from the front of a slot.
    {Column::kDue, "due", false},
    // Which sessions an owner has. Scanned for one owner at a time.
    {Column::kOwners, "owners", false},
}};

rocksdb::DBOptions MakeDbOptions(const RocksStoreOptions& options,
                                 std::shared_ptr<rocksdb::Statistics> statistics);

// One descriptor for each of kColumnRows, in its order. They share one block cache.
std::vector<rocksdb::ColumnFamilyDescriptor> MakeColumns(const RocksStoreOptions& options);

}  // namespace sessionhub::hub

#endif  // HUB_STORE_COLUMNS_H_
