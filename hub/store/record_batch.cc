#include "hub/store/record_batch.h"

#include <glog/logging.h>

#include <optional>

#include "hub/store/keys.h"

namespace sessionhub::hub {
namespace {

// Adds writes to a batch. Adding to a batch in memory can only fail by our own mistake.
class BatchBuilder {
 public:
  explicit BatchBuilder(const ColumnHandles& handles) : handles_(handles) {}

  template <typename Record>
  void Add(Column column, const std::string& key, const std::optional<Record>& record) {
    if (!record) {
      Check(batch_.Delete(HandleOf(handles_, column), key));
      return;
    }
    // One buffer for all records: a turn writes thousands of them.
    buffer_.clear();
    CHECK(record->AppendToString(&buffer_)) << "a stored record that cannot be encoded";
    AddBytes(column, key, buffer_);
  }

  void AddBytes(Column column, const std::string& key, const std::string& bytes) {
    Check(batch_.Put(HandleOf(handles_, column), key, bytes));
  }

  void Remove(Column column, const std::string& key) {
    Check(batch_.Delete(HandleOf(handles_, column), key));
  }

  void AddMaximum(Column column, const std::string& key, const std::string& bytes) {
    Check(batch_.Merge(HandleOf(handles_, column), key, bytes));
  }

  rocksdb::WriteBatch Take() { return std::move(batch_); }

 private:
  static void Check(const rocksdb::Status& status) { CHECK(status.ok()) << status.ToString(); }

  const ColumnHandles& handles_;
  rocksdb::WriteBatch batch_;
  std::string buffer_;
};

void AddSessions(const TurnRecord& record, BatchBuilder* builder) {
  for (const auto& write : record.names) {
    CHECK(!write.key.id.empty() && write.key.id.size() <= 256) << "an id that has no key";
    builder->Add(Column::kNames, keys::OfName(write.key), write.record);
  }
  for (const auto& write : record.metas) {
    builder->Add(Column::kMetas, keys::OfSession(write.key), write.record);
  }
  for (const auto& write : record.identities) {
    builder->Add(Column::kIdentities, keys::OfSession(write.key), write.record);
  }
  for (const auto& write : record.fields) {
    builder->Add(Column::kFields, keys::OfField(write.key.session, write.key.path), write.record);
  }
  for (const auto& write : record.due) {
    builder->Add(Column::kDue, keys::OfDue(write.key), write.record);
  }
  for (const auto& write : record.owners) {
    CHECK(!write.key.owner.empty() && write.key.owner.size() <= 256) << "an owner that has no key";
    if (write.record) {
      builder->AddBytes(Column::kOwners, keys::OfOwner(write.key), {});
    } else {
      builder->Remove(Column::kOwners, keys::OfOwner(write.key));
    }
  }
}

void AddHub(const TurnRecord& record, BatchBuilder* builder) {
  for (const auto& write : record.session_counts) {
    const std::string key = keys::OfSessionCount(write.key);
    if (write.record) {
      builder->AddBytes(Column::kHub, key, keys::EncodeNumber(*write.record));
    } else {
      builder->Remove(Column::kHub, key);
    }
  }
  for (const auto& write : record.app_sessions) {
    const std::string key = keys::OfAppSessions(write.key);
    if (write.record) {
      builder->AddBytes(Column::kHub, key, keys::EncodeNumber(*write.record));
    } else {
      builder->Remove(Column::kHub, key);
    }
  }
  for (const auto& write : record.incarnations) {
    builder->Add(Column::kHub, keys::OfIncarnation(write.key), write.record);
  }
  for (const auto& write : record.last_seen) {
    const std::string key = keys::OfLastSeen(write.key);
    if (write.record) {
      builder->AddMaximum(Column::kHub, key, keys::EncodeNumber(*write.record));
    } else {
      builder->Remove(Column::kHub, key);
    }
  }
  for (const auto& write : record.apps) {
    builder->Add(Column::kHub, keys::OfApp(write.key), write.record);
    // Stays when the app goes: a number is never given again.
    if (write.record) {
      builder->AddBytes(Column::kHub, keys::OfAppNumber(write.record->number()), write.key);
    }
  }
  if (record.hub_time) {
    builder->AddMaximum(Column::kHub, keys::OfHubTime(), keys::EncodeNumber(*record.hub_time));
  }
  if (record.served_time) {
    builder->AddMaximum(Column::kHub, keys::OfServedTime(),
                        keys::EncodeNumber(*record.served_time));
  }
}

}  // namespace

rocksdb::WriteBatch MakeRecordBatch(const TurnRecord& record, const ColumnHandles& handles) {
  BatchBuilder builder(handles);
  AddSessions(record, &builder);
  AddHub(record, &builder);
  return builder.Take();
}

}  // namespace sessionhub::hub
