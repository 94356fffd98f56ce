#include <string>
#include <utility>
#include <vector>

#include "sessionhub/stored/v1/records.pb.h"
#include "sessionhub/v1/delta.pb.h"
#include "tests/golden/golden_case.h"

namespace sessionhub::testing {
namespace {

namespace stored = ::sessionhub::stored::v1;

stored::Name NameRecord(stored::Name::State state) {
  stored::Name name;
  name.set_number(0x728);
  name.set_state(state);
  if (state == stored::Name::RENAMED) name.set_until(1'700'000'000'000'000);
  return name;
}

stored::Meta FullMeta() {
  stored::Meta meta;
  meta.set_app(1);
  meta.set_version(300);
  meta.set_last_erase_version(250);
  meta.set_bytes_bound(70'000);
  meta.set_last_access(1'700'000'000'000'000);
  meta.set_idle_timeout(1'800'000'000);
  meta.set_absolute_deadline(1'700'086'400'000'000);
  meta.set_dead(true);
  stored::Writer* writer = meta.add_writers();
  writer->set_incarnation("0123456789abcdef");
  writer->set_through_seq(17);
  writer->set_through_version(299);
  stored::RefusedDelta* refused = writer->add_refused();
  refused->set_seq(16);
  refused->set_reason(v1::WRONG_TYPE);
  meta.mutable_lock()->set_owner("web-1");
  meta.mutable_lock()->set_counter(4);
  meta.mutable_lock()->set_deadline(1'700'000'030'000'000);
  meta.set_expiry_entry(1'700'001'800'000'000);
  return meta;
}

stored::Meta LockedMeta() {
  stored::Meta meta;
  meta.set_app(1);
  meta.set_version(42);
  meta.mutable_lock()->set_owner("0123456789abcdef");
  meta.mutable_lock()->set_counter(7);
  meta.mutable_lock()->set_deadline(1'700'000'030'000'000);
  meta.mutable_lock()->set_request(10);
  return meta;
}

stored::Meta FreshMeta() {
  stored::Meta meta;
  meta.set_app(1);
  meta.set_version(1);
  return meta;
}

stored::Meta IdleMeta() {
  stored::Meta meta = FreshMeta();
  meta.set_last_access(1'700'000'000'000'000);
  meta.set_idle_timeout(1'800'000'000);
  meta.set_expiry_entry(1'700'001'800'000'000);
  meta.set_last_served(1'699'999'000'000'000);
  return meta;
}

stored::Identity IdentityRecord() {
  stored::Identity identity;
  identity.set_id("session-1");
  identity.set_app(1);
  identity.set_created(1'700'000'000'000'000);
  identity.set_owner("user-7");
  return identity;
}

stored::Identity CreatedIdentityRecord() {
  stored::Identity identity = IdentityRecord();
  identity.set_creator("0123456789abcdef");
  identity.set_creator_request(7);
  return identity;
}

template <typename SetValue>
GoldenCase FieldCase(const std::string& type, SetValue set_value) {
  stored::Field field;
  field.set_version(300);
  set_value(&field);
  return MessageCase("stored_field_" + type, "stored Field: " + type, field);
}

std::vector<GoldenCase> FieldCases() {
  return {FieldCase("string", [](stored::Field* field) { field->set_string_value("ä"); }),
          FieldCase("bytes",
                    [](stored::Field* field) { field->set_bytes_value(std::string("\0\xff", 2)); }),
          FieldCase("int", [](stored::Field* field) { field->set_int_value(-3); }),
          FieldCase("double", [](stored::Field* field) { field->set_double_value(-0.0); }),
          FieldCase("bool", [](stored::Field* field) { field->set_bool_value(false); }),
          FieldCase("null", [](stored::Field* field) { field->set_null_value(true); }),
          FieldCase("json", [](stored::Field* field) { field->set_json_value("[1]"); })};
}

stored::Due DueRecord(stored::Due::What what) {
  stored::Due due;
  due.set_what(what);
  return due;
}

stored::Name OldNameRecord() {
  stored::Name name = NameRecord(stored::Name::RENAMED);
  name.set_forget_at(1'700'086'400'000'000);
  return name;
}

stored::Name ReservedNameRecord() {
  stored::Name name = NameRecord(stored::Name::RESERVED);
  name.set_life(1'700'000'000'000'000);
  return name;
}

stored::Identity RenamedIdentityRecord() {
  stored::Identity identity = IdentityRecord();
  identity.set_name_slot(0);
  return identity;
}

stored::Identity LaterIdentityRecord() {
  stored::Identity identity = RenamedIdentityRecord();
  identity.set_renamed_at(1'700'000'100'000'000);
  return identity;
}

stored::Due NameDueRecord() {
  stored::Due due = DueRecord(stored::Due::NAME);
  due.set_app(1);
  due.set_id("session-1");
  return due;
}

stored::Incarnation IncarnationRecord() {
  stored::Incarnation incarnation;
  incarnation.set_last_seen(1'700'000'000'000'000);
  incarnation.set_node_name("web-1");
  incarnation.set_app(1);
  return incarnation;
}

stored::App AppRecord() {
  stored::App app;
  app.set_number(300);
  return app;
}

stored::Folder FolderRecord() {
  stored::Folder folder;
  folder.set_format(1);
  folder.set_history_id("0123456789abcdef");
  folder.set_created(1'700'000'000'000'000);
  return folder;
}

stored::Backup BackupRecord() {
  stored::Backup backup;
  backup.set_format(1);
  backup.set_history_id("0123456789abcdef");
  backup.set_hub_version("0.1.0");
  backup.set_hub_time(1'700'000'000'000'000);
  backup.set_position(300);
  return backup;
}

}  // namespace

std::vector<GoldenCase> StoredRecordCases() {
  std::vector<GoldenCase> cases = {
      MessageCase("stored_name_live", "stored Name: live", NameRecord(stored::Name::LIVE)),
      MessageCase("stored_name_reserved", "stored Name: reserved",
                  NameRecord(stored::Name::RESERVED)),
      MessageCase("stored_name_renamed", "stored Name: renamed, with an alias window",
                  NameRecord(stored::Name::RENAMED)),
      MessageCase("stored_name_old", "stored Name: renamed, and when it is forgotten",
                  OldNameRecord()),
      MessageCase("stored_name_reserved_by", "stored Name: reserved, and by which life of the hub",
                  ReservedNameRecord()),
      MessageCase("stored_meta_full", "stored Meta: every field", FullMeta()),
      MessageCase("stored_meta_fresh", "stored Meta: of a new session", FreshMeta()),
      MessageCase("stored_meta_locked", "stored Meta: with a lock and the request it is for",
                  LockedMeta()),
      MessageCase("stored_meta_idle", "stored Meta: with an idle timeout and served time",
                  IdleMeta()),
      MessageCase("stored_identity", "stored Identity", IdentityRecord()),
      MessageCase("stored_identity_created", "stored Identity: of an exclusive creation",
                  CreatedIdentityRecord()),
      MessageCase("stored_identity_renamed", "stored Identity: after an id change",
                  RenamedIdentityRecord()),
      MessageCase("stored_identity_renamed_at", "stored Identity: after an id change, and when",
                  LaterIdentityRecord()),
      MessageCase("stored_due_expire", "stored Due: expire", DueRecord(stored::Due::EXPIRE)),
      MessageCase("stored_due_sweep", "stored Due: sweep", DueRecord(stored::Due::SWEEP)),
      MessageCase("stored_due_purge", "stored Due: purge", DueRecord(stored::Due::PURGE)),
      MessageCase("stored_due_name", "stored Due: an old id", NameDueRecord()),
      MessageCase("stored_incarnation", "stored Incarnation", IncarnationRecord()),
      MessageCase("stored_app", "stored App", AppRecord()),
      MessageCase("stored_folder", "stored Folder", FolderRecord()),
      MessageCase("stored_backup", "stored Backup", BackupRecord())};
  for (GoldenCase& field : FieldCases()) cases.push_back(std::move(field));
  return cases;
}

}  // namespace sessionhub::testing
