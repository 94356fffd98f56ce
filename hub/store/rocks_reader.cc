#include "hub/store/rocks_reader.h"

#include <memory>
#include <utility>

#include "hub/store/keys.h"
#include "hub/store/rocks_status.h"
#include "proto/session/error_codes.h"
#include "proto/session/ids.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

const char kReading[] = "cannot read the data folder";

std::string_view ViewOf(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

// `column` and the key in hexadecimal say where; the id of a session is a credential and stays out.
absl::Status Undecodable(Column column, const rocksdb::Slice& key) {
  const bool secret = column == Column::kNames || column == Column::kOwners;
  return ErrorStatus(CallError::kRecordDamaged,
                     std::string("a record in column family ") +
                         kColumnRows[static_cast<size_t>(column)].name + " cannot be decoded" +
                         (secret ? "" : " (key " + ToHex(ViewOf(key)) + ")") +
                         ": restore the data folder from a backup");
}

absl::Status Decode(Column column, const rocksdb::Slice& key, const rocksdb::Slice& value,
                    google::protobuf::MessageLite* record) {
  if (record->ParseFromArray(value.data(), static_cast<int>(value.size()))) {
    return absl::OkStatus();
  }
  return Undecodable(column, key);
}

absl::Status Decode(Column column, const rocksdb::Slice& key, const rocksdb::Slice& value,
                    uint64_t* number) {
  const auto decoded = keys::DecodeNumber(ViewOf(value));
  if (!decoded) return Undecodable(column, key);
  *number = *decoded;
  return absl::OkStatus();
}

absl::StatusOr<FieldEntry> DecodeField(const rocksdb::Slice& key, const rocksdb::Slice& value,
                                       bool path_only = false) {
  auto path = keys::ParseFieldPath(ViewOf(key));
  if (!path) return Undecodable(Column::kFields, key);
  FieldEntry entry = {*std::move(path), {}};
  if (path_only) return entry;
  RETURN_IF_ERROR(Decode(Column::kFields, key, value, &entry.field));
  return entry;
}

}  // namespace

template <typename Key, typename Record, typename Map, typename MakeKey>
absl::Status RocksReader::ReadColumn(Column column, const std::vector<Key>& wanted,
                                     const MakeKey& make_key, Map* records) const {
  if (wanted.empty()) return absl::OkStatus();
  const size_t count = wanted.size();
  std::vector<std::string> bytes(count);
  std::vector<rocksdb::Slice> slices(count);
  for (size_t i = 0; i < count; ++i) {
    bytes[i] = make_key(wanted[i]);
    slices[i] = bytes[i];
  }
  std::vector<rocksdb::PinnableSlice> values(count);
  std::vector<rocksdb::Status> statuses(count);
  db_->MultiGet(rocksdb::ReadOptions(), HandleOf(*handles_, column), count, slices.data(),
                values.data(), statuses.data());
  for (size_t i = 0; i < count; ++i) {
    std::optional<Record>& record = (*records)[wanted[i]];
    record.reset();
    if (statuses[i].IsNotFound()) continue;
    RETURN_IF_ERROR(FromRocks(statuses[i], kReading));
    RETURN_IF_ERROR(Decode(column, slices[i], values[i], &record.emplace()));
  }
  return absl::OkStatus();
}

absl::Status RocksReader::ReadPoints(const ReadSet& reads, Loaded* loaded) const {
  RETURN_IF_ERROR((ReadColumn<NameKey, stored::Name>(Column::kNames, reads.names, keys::OfName,
                                                     &loaded->names)));
  RETURN_IF_ERROR((ReadColumn<SessionNumber, stored::Meta>(Column::kMetas, reads.metas,
                                                           keys::OfSession, &loaded->metas)));
  RETURN_IF_ERROR((ReadColumn<SessionNumber, stored::Identity>(
      Column::kIdentities, reads.identities, keys::OfSession, &loaded->identities)));
  const auto field_key = [](const FieldKey& key) { return keys::OfField(key.session, key.path); };
  RETURN_IF_ERROR((ReadColumn<FieldKey, stored::Field>(Column::kFields, reads.fields, field_key,
                                                       &loaded->fields)));
  RETURN_IF_ERROR((ReadColumn<Incarnation, stored::Incarnation>(
      Column::kHub, reads.incarnations, keys::OfIncarnation, &loaded->incarnations)));
  absl::flat_hash_map<Slot, std::optional<uint64_t>> counts;
  RETURN_IF_ERROR((ReadColumn<Slot, uint64_t>(Column::kHub, reads.session_counts,
                                              keys::OfSessionCount, &counts)));
  for (const auto& [slot, count] : counts) loaded->session_counts[slot] = count.value_or(0);
  return absl::OkStatus();
}

absl::Status RocksReader::Scan(Column column, const std::string& begin, const std::string& end,
                               const Visit& visit) const {
  return ScanWith(rocksdb::ReadOptions(), column, begin, end, visit);
}

absl::Status RocksReader::ScanWith(rocksdb::ReadOptions options, Column column,
                                   const std::string& begin, const std::string& end,
                                   const Visit& visit) const {
  const rocksdb::Slice upper_bound(end);
  options.iterate_upper_bound = &upper_bound;
  // Ranges of fields lie within one session, so its prefix filter may skip files.
  options.prefix_same_as_start = kColumnRows[static_cast<size_t>(column)].keyed_by_session;
  std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options, HandleOf(*handles_, column)));
  for (it->Seek(begin); it->Valid(); it->Next()) {
    ASSIGN_OR_RETURN(const bool more, visit(it->key(), it->value()));
    if (!more) return absl::OkStatus();
  }
  return FromRocks(it->status(), kReading);
}

absl::Status RocksReader::ReadFields(const FieldRange& range,
                                     std::vector<FieldEntry>* entries) const {
  const std::string begin = keys::OfField(range.session, range.root);
  return Scan(Column::kFields, begin, keys::EndOf(begin),
              [&](const rocksdb::Slice& key, const rocksdb::Slice& value) -> absl::StatusOr<bool> {
                ASSIGN_OR_RETURN(FieldEntry entry, DecodeField(key, value, range.paths_only));
                entries->push_back(std::move(entry));
                return range.count_max == 0 || entries->size() < range.count_max;
              });
}

absl::Status RocksReader::VisitFields(SessionNumber session, const VisitField& visit) const {
  return VisitFieldsWith(rocksdb::ReadOptions(), session, std::nullopt, visit);
}

absl::Status RocksReader::VisitFields(SessionNumber session, const rocksdb::Snapshot* snapshot,
                                      const std::optional<Path>& after,
                                      const VisitField& visit) const {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  options.fill_cache = false;
  return VisitFieldsWith(options, session, after, visit);
}

absl::Status RocksReader::VisitFieldsWith(const rocksdb::ReadOptions& options,
                                          SessionNumber session, const std::optional<Path>& after,
                                          const VisitField& visit) const {
  const std::string prefix = keys::OfSession(session);
  // A zero byte behind a key gives the smallest key above it.
  const std::string begin = after ? keys::OfField(session, *after) + '\0' : prefix;
  return ScanWith(
      options, Column::kFields, begin, keys::EndOf(prefix),
      [&](const rocksdb::Slice& key, const rocksdb::Slice& value) -> absl::StatusOr<bool> {
        ASSIGN_OR_RETURN(const FieldEntry entry, DecodeField(key, value));
        return visit(entry.path, entry.field);
      });
}

absl::Status RocksReader::ReadNames(const std::string& begin, const std::string& end,
                                    size_t count_max, std::vector<NameEntry>* entries) const {
  return Scan(Column::kNames, begin, end,
              [&](const rocksdb::Slice& key, const rocksdb::Slice& value) -> absl::StatusOr<bool> {
                if (entries->size() >= count_max) return false;
                auto name = keys::ParseName(ViewOf(key));
                if (!name) return Undecodable(Column::kNames, key);
                NameEntry entry = {*std::move(name), {}};
                RETURN_IF_ERROR(Decode(Column::kNames, key, value, &entry.name));
                entries->push_back(std::move(entry));
                return true;
              });
}

absl::Status RocksReader::ReadOwned(const std::string& prefix, const std::string& begin,
                                    size_t count_max, std::vector<SessionNumber>* sessions) const {
  return Scan(Column::kOwners, begin, keys::EndOf(prefix),
              [&](const rocksdb::Slice& key, const rocksdb::Slice&) -> absl::StatusOr<bool> {
                if (sessions->size() >= count_max) return false;
                const auto session = keys::ParseOwned(ViewOf(key), prefix.size());
                if (!session) return Undecodable(Column::kOwners, key);
                sessions->push_back(*session);
                return true;
              });
}

absl::Status RocksReader::ReadDue(const DueRange& range, std::vector<DueEntry>* entries) const {
  if (range.count_max == 0) return absl::OkStatus();
  const std::string begin = keys::OfDue({range.slot, range.from, 0});
  const uint64_t end = range.and_next ? ~uint64_t{0} : range.until;
  const std::string last = keys::OfDue({range.slot, end, ~SessionNumber{0}});
  return Scan(Column::kDue, begin, last + '\0',
              [&](const rocksdb::Slice& key, const rocksdb::Slice& value) -> absl::StatusOr<bool> {
                DueEntry entry;
                const auto due = keys::ParseDue(ViewOf(key));
                if (!due) return Undecodable(Column::kDue, key);
                entry.key = *due;
                RETURN_IF_ERROR(Decode(Column::kDue, key, value, &entry.due));
                entries->push_back(std::move(entry));
                return due->due <= range.until && entries->size() < range.count_max;
              });
}

absl::Status RocksReader::ReadAppSessions(std::vector<AppSlotCount>* counts) const {
  const std::string prefix = keys::AllAppSessions();
  return Scan(Column::kHub, prefix, keys::EndOf(prefix),
              [&](const rocksdb::Slice& key, const rocksdb::Slice& value) -> absl::StatusOr<bool> {
                const auto of = keys::ParseAppSessions(ViewOf(key));
                if (!of) return Undecodable(Column::kHub, key);
                AppSlotCount count = {*of, 0};
                RETURN_IF_ERROR(Decode(Column::kHub, key, value, &count.sessions));
                counts->push_back(count);
                return true;
              });
}

absl::Status RocksReader::ReadLastSeen(const std::string& begin, const std::string& end,
                                       size_t count_max,
                                       std::vector<LastSeenEntry>* entries) const {
  return Scan(Column::kHub, begin, end,
              [&](const rocksdb::Slice& key, const rocksdb::Slice& value) -> absl::StatusOr<bool> {
                if (entries->size() >= count_max) return false;
                const auto incarnation = keys::ParseLastSeen(ViewOf(key));
                if (!incarnation) return Undecodable(Column::kHub, key);
                LastSeenEntry entry = {*incarnation, 0};
                RETURN_IF_ERROR(Decode(Column::kHub, key, value, &entry.last_seen));
                entries->push_back(entry);
                return true;
              });
}

template <typename Record>
absl::StatusOr<std::optional<Record>> RocksReader::FindRecord(const std::string& key) const {
  rocksdb::PinnableSlice value;
  const rocksdb::Status status =
      db_->Get(rocksdb::ReadOptions(), HandleOf(*handles_, Column::kHub), key, &value);
  if (status.IsNotFound()) return std::optional<Record>();
  RETURN_IF_ERROR(FromRocks(status, kReading));
  Record record;
  RETURN_IF_ERROR(Decode(Column::kHub, key, value, &record));
  return std::optional<Record>(std::move(record));
}

template absl::StatusOr<std::optional<stored::Folder>> RocksReader::FindRecord(
    const std::string&) const;
template absl::StatusOr<std::optional<stored::App>> RocksReader::FindRecord(
    const std::string&) const;
template absl::StatusOr<std::optional<stored::Incarnation>> RocksReader::FindRecord(
    const std::string&) const;

absl::StatusOr<uint64_t> RocksReader::FindNumber(const std::string& key) const {
  ASSIGN_OR_RETURN(const auto number, FindRecord<uint64_t>(key));
  return number.value_or(0);
}

absl::StatusOr<std::string> RocksReader::LastKey(const std::string& begin,
                                                 const std::string& end) const {
  rocksdb::ReadOptions options;
  const rocksdb::Slice lower_bound(begin);
  const rocksdb::Slice upper_bound(end);
  options.iterate_lower_bound = &lower_bound;
  options.iterate_upper_bound = &upper_bound;
  std::unique_ptr<rocksdb::Iterator> it(
      db_->NewIterator(options, HandleOf(*handles_, Column::kHub)));
  it->SeekToLast();
  RETURN_IF_ERROR(FromRocks(it->status(), kReading));
  return it->Valid() ? it->key().ToString() : std::string();
}

}  // namespace sessionhub::hub
