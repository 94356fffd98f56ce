#include "tests/golden/folder_dump.h"

#include <rocksdb/db.h>

#include <algorithm>
#include <memory>

#include "hub/store/columns.h"
#include "hub/store/keys.h"
#include "hub/store/rocks_status.h"
#include "proto/session/ids.h"
#include "proto/session/status_macros.h"
#include "sessionhub/stored/v1/records.pb.h"

namespace sessionhub::testing {
namespace {

namespace stored = ::sessionhub::stored::v1;
using hub::Column;

template <typename Record>
std::string TextOf(const std::string& bytes) {
  Record record;
  return record.ParseFromString(bytes) ? record.ShortDebugString() : "cannot be decoded";
}

// By the kind byte of the key: docs/storage.md.
std::string HubRecord(const std::string& key, const std::string& bytes) {
  switch (key[0]) {
    case 1:
      return TextOf<stored::Folder>(bytes);
    case 4:
      return TextOf<stored::App>(bytes);
    case 5:
      return bytes;
    case 6:
      return TextOf<stored::Incarnation>(bytes);
    default:
      return std::to_string(hub::keys::DecodeNumber(bytes).value_or(0));
  }
}

std::string RecordText(Column column, const std::string& key, const std::string& bytes) {
  switch (column) {
    case Column::kHub:
      return HubRecord(key, bytes);
    case Column::kNames:
      return TextOf<stored::Name>(bytes);
    case Column::kMetas:
      return TextOf<stored::Meta>(bytes);
    case Column::kIdentities:
      return TextOf<stored::Identity>(bytes);
    case Column::kFields:
      return TextOf<stored::Field>(bytes);
    case Column::kDue:
      return TextOf<stored::Due>(bytes);
    case Column::kOwners:
      return ToHex(bytes);
  }
  return "";
}

}  // namespace

absl::StatusOr<std::string> DumpFolder(const std::string& path) {
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  RETURN_IF_ERROR(
      hub::FromRocks(rocksdb::DB::OpenForReadOnly(hub::MakeDbOptions({}, nullptr), path + "/db",
                                                  hub::MakeColumns({}), &handles, &opened),
                     "cannot read " + path));
  const std::unique_ptr<rocksdb::DB> db(opened);
  std::string text;
  for (const hub::ColumnRow& row : hub::kColumnRows) {
    rocksdb::ReadOptions options;
    options.total_order_seek = true;
    const std::unique_ptr<rocksdb::Iterator> at(
        db->NewIterator(options, handles[static_cast<size_t>(row.column)]));
    for (at->SeekToFirst(); at->Valid(); at->Next()) {
      const std::string key = at->key().ToString();
      text += std::string(row.name) + " " + ToHex(key) + " " +
              RecordText(row.column, key, at->value().ToString()) + "\n";
    }
    RETURN_IF_ERROR(hub::FromRocks(at->status(), "cannot read " + path));
  }
  for (auto* handle : handles) {
    RETURN_IF_ERROR(hub::FromRocks(db->DestroyColumnFamilyHandle(handle), "cannot close " + path));
  }
  return text;
}

absl::StatusOr<std::vector<std::string>> ColumnFamilies(const std::string& path) {
  std::vector<std::string> names;
  RETURN_IF_ERROR(hub::FromRocks(rocksdb::DB::ListColumnFamilies({}, path + "/db", &names),
                                 "cannot read " + path));
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace sessionhub::testing
