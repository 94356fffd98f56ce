// RecordBatch: a TurnRecord as one RocksDB write batch, so that all of it is stored or nothing.
#ifndef HUB_STORE_RECORD_BATCH_H_
#define HUB_STORE_RECORD_BATCH_H_

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <string>
#include <vector>

#include "hub/record/turn_record.h"
#include "hub/store/columns.h"

namespace sessionhub::hub {

// The open column families, in the order of kColumnRows. Owned by the store.
using ColumnHandles = std::vector<rocksdb::ColumnFamilyHandle*>;

inline rocksdb::ColumnFamilyHandle* HandleOf(const ColumnHandles& handles, Column column) {
  return handles[static_cast<size_t>(column)];
}

rocksdb::WriteBatch MakeRecordBatch(const TurnRecord& record, const ColumnHandles& handles);

}  // namespace sessionhub::hub

#endif  // HUB_STORE_RECORD_BATCH_H_
