#include "tests/unit/hub/offline/consistent_folder.h"

#include "hub/record/field_value.h"
#include "proto/session/state.h"
#include "tests/support/status_matchers.h"
#include "tests/support/turn_records.h"

namespace sessionhub::testing {
namespace {

constexpr uint64_t kExpiry = 1'700'001'800'000'000;
constexpr uint64_t kSweep = 1'700'000'000'000'000;
constexpr char kPath[] = "cart/qty";
constexpr char kText[] = "some text";

uint64_t SizeOfField() {
  return FieldSizeBytes(PathOf(kPath), hub::ValueOf(FieldOf(1, kText)));
}

}  // namespace

ConsistentFolder::ConsistentFolder()
    : live_(MakeSessionNumber(SlotOf(kApp, kId), 1)), dead_(MakeSessionNumber(9, 1)) {
  hub::TurnRecord record;
  hub::stored::App app;
  app.set_number(1);
  record.apps.push_back({kApp, app});
  record.names.push_back({live_name(), NameOf(live_)});
  record.metas.push_back({live_, live_meta()});
  record.identities.push_back({live_, live_identity()});
  record.owners.push_back({{1, "ada", live_}, hub::OwnerMark{}});
  record.fields.push_back({{live_, PathOf(kPath)}, FieldOf(2, kText)});
  record.due.push_back({{HomeSlot(live_), kExpiry, live_}, DueOf(hub::stored::Due::EXPIRE)});
  record.session_counts.push_back({HomeSlot(live_), 1});
  if (HomeSlot(dead_) != HomeSlot(live_)) record.session_counts.push_back({HomeSlot(dead_), 1});
  hub::stored::Meta ended = MetaOf(5);
  ended.set_dead(true);
  record.metas.push_back({dead_, ended});
  record.identities.push_back({dead_, IdentityOf("session-2")});
  record.fields.push_back({{dead_, PathOf("left")}, FieldOf(3, kText)});
  record.due.push_back({{HomeSlot(dead_), kSweep, dead_}, DueOf(hub::stored::Due::SWEEP)});
  Write(record);
}

hub::NameKey ConsistentFolder::live_name() const {
  return {HomeSlot(live_), 1, kId};
}

hub::stored::Meta ConsistentFolder::live_meta() const {
  hub::stored::Meta meta = MetaOf(2);
  meta.set_bytes_bound(SizeOfField());
  meta.set_bytes_exact(true);
  meta.set_idle_timeout(1'800'000'000);
  meta.set_expiry_entry(kExpiry);
  return meta;
}

hub::stored::Identity ConsistentFolder::live_identity() const {
  hub::stored::Identity identity = IdentityOf(kId);
  identity.set_owner("ada");
  return identity;
}

absl::StatusOr<std::unique_ptr<hub::RocksStore>> ConsistentFolder::Open() const {
  hub::RocksStoreOptions options;
  options.data_dir = data_dir();
  options.backup_dir = backup_dir();
  options.fresh_history_id = HistoryId{1};
  return hub::RocksStore::Open(options);
}

void ConsistentFolder::Write(const hub::TurnRecord& record) const {
  auto store = Open();
  ASSERT_OK(store);
  ASSERT_OK((*store)->Apply(record, true));
}

}  // namespace sessionhub::testing
