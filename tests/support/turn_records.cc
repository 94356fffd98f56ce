#include "tests/support/turn_records.h"

#include <algorithm>
#include <set>
#include <utility>

#include "hub/store/keys.h"
#include "proto/session/status_macros.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::testing {
namespace {

template <typename Record>
std::string Show(const std::optional<Record>& record) {
  return record ? record->ShortDebugString() : "none";
}

constexpr uint64_t kSessionsOfARecord = 5000;

void AddSession(uint64_t i, hub::TurnRecord* record) {
  const SessionNumber session = MakeSessionNumber(static_cast<Slot>(i), 1 + i / kSlots);
  const std::string id = "session-" + std::to_string(i);
  record->names.push_back({{static_cast<Slot>(i * 31), 1, id}, NameOf(session)});
  record->metas.push_back({session, MetaOf(1)});
  record->identities.push_back({session, IdentityOf(id)});
  for (const char* path : {"cart/total", "user/name"}) {
    record->fields.push_back({{session, PathOf(path)}, FieldOf(1, id)});
  }
  record->due.push_back({{static_cast<Slot>(i), 1000 + i, session}, {}});
  record->due.back().record = DueOf(hub::stored::Due::EXPIRE);
}

// Of so many sessions of AddSession.
void AddCounts(uint64_t count, hub::TurnRecord* record) {
  record->app_sessions.push_back({hub::kAllCounted, 1});
  for (uint64_t slot = 0; slot < std::min<uint64_t>(count, kSlots); ++slot) {
    const uint64_t sessions = (count - slot + kSlots - 1) / kSlots;
    record->app_sessions.push_back({{static_cast<Slot>(slot), 1}, sessions});
  }
}

}  // namespace

Path PathOf(const std::string& text) {
  auto path = Path::FromText(text);
  EXPECT_OK(path);
  return path.ok() ? *std::move(path) : Path();
}

hub::stored::Name NameOf(SessionNumber number) {
  hub::stored::Name name;
  name.set_number(number);
  return name;
}

hub::stored::Meta MetaOf(Version version) {
  hub::stored::Meta meta;
  meta.set_app(1);
  meta.set_version(version);
  return meta;
}

hub::stored::Identity IdentityOf(const std::string& id) {
  hub::stored::Identity identity;
  identity.set_id(id);
  identity.set_app(1);
  return identity;
}

hub::stored::Field FieldOf(Version version, const std::string& text) {
  hub::stored::Field field;
  field.set_version(version);
  field.set_string_value(text);
  return field;
}

hub::stored::Due DueOf(hub::stored::Due::What what) {
  hub::stored::Due due;
  due.set_what(what);
  return due;
}

hub::TurnRecord PutField(SessionNumber session, const std::string& path, const std::string& text,
                         Version version) {
  hub::TurnRecord record;
  record.fields.push_back({{session, PathOf(path)}, FieldOf(version, text)});
  return record;
}

hub::TurnRecord EraseField(SessionNumber session, const std::string& path) {
  hub::TurnRecord record;
  record.fields.push_back({{session, PathOf(path)}, std::nullopt});
  return record;
}

hub::TurnRecord PutMeta(SessionNumber session, Version version) {
  hub::TurnRecord record;
  record.metas.push_back({session, MetaOf(version)});
  return record;
}

hub::TurnRecord PutName(const hub::NameKey& key, SessionNumber number) {
  hub::TurnRecord record;
  record.names.push_back({key, NameOf(number)});
  return record;
}

std::optional<std::string> ReadText(const hub::Store& store, SessionNumber session,
                                    const std::string& path) {
  const hub::FieldKey key = {session, PathOf(path)};
  hub::ReadSet reads;
  reads.fields.push_back(key);
  hub::Loaded loaded;
  EXPECT_OK(store.Load(reads, &loaded));
  const auto& field = loaded.fields[key];
  if (!field) return std::nullopt;
  return field->string_value();
}

std::string Dump(const hub::Loaded& loaded) {
  std::set<std::string> lines;
  for (const auto& [key, name] : loaded.names) {
    lines.insert("name " + ToHex(hub::keys::OfName(key)) + ": " + Show(name));
  }
  for (const auto& [key, meta] : loaded.metas) {
    lines.insert("meta " + std::to_string(key) + ": " + Show(meta));
  }
  for (const auto& [key, identity] : loaded.identities) {
    lines.insert("identity " + std::to_string(key) + ": " + Show(identity));
  }
  for (const auto& [key, field] : loaded.fields) {
    lines.insert("field " + std::to_string(key.session) + " " + key.path.ToText() + ": " +
                 Show(field));
  }
  for (const auto& [range, entries] : loaded.field_ranges) {
    std::string line = "fields " + std::to_string(range.session) + " " + range.root.ToText() + ":";
    for (const auto& entry : entries) {
      line += " [" + entry.path.ToText() + " " + entry.field.ShortDebugString() + "]";
    }
    lines.insert(line);
  }
  for (const auto& [range, entries] : loaded.due_ranges) {
    std::string line =
        "due " + std::to_string(range.slot) + " " + std::to_string(range.until) + ":";
    for (const auto& entry : entries) {
      line += " [" + ToHex(hub::keys::OfDue(entry.key)) + " " + entry.due.ShortDebugString() + "]";
    }
    lines.insert(line);
  }
  for (const auto& [slot, count] : loaded.session_counts) {
    lines.insert("count " + std::to_string(slot) + ": " + std::to_string(count));
  }
  std::string dump;
  for (const std::string& line : lines) dump += line + "\n";
  return dump;
}

absl::Status WriteSessions(uint64_t count, hub::Store* store) {
  for (uint64_t i = 0; i < count;) {
    hub::TurnRecord record;
    record.hub_time = i + 1;
    for (const uint64_t end = std::min(count, i + kSessionsOfARecord); i < end; ++i) {
      AddSession(i, &record);
    }
    if (i == count) AddCounts(count, &record);
    RETURN_IF_ERROR(store->Apply(record, false));
  }
  return absl::OkStatus();
}

}  // namespace sessionhub::testing
