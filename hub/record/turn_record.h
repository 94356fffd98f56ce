// TurnRecord: everything that one turn of a shard writes, already decided. Plain data: the journal
// appends it, the store applies it, and neither decides anything.
#ifndef HUB_RECORD_TURN_RECORD_H_
#define HUB_RECORD_TURN_RECORD_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hub/record/stored.h"
#include "proto/session/ids.h"
#include "proto/session/path.h"

namespace sessionhub::hub {

// Names one id of one app. The slot is SlotOf(app name, id).
struct NameKey {
  Slot slot = 0;
  AppNumber app = 0;
  std::string id;

  friend bool operator==(const NameKey&, const NameKey&) = default;
  template <typename H>
  friend H AbslHashValue(H state, const NameKey& key) {
    return H::combine(std::move(state), key.slot, key.app, key.id);
  }
};

struct FieldKey {
  SessionNumber session = 0;
  Path path;

  friend bool operator==(const FieldKey&, const FieldKey&) = default;
  friend bool operator<(const FieldKey& a, const FieldKey& b) {
    return a.session != b.session ? a.session < b.session : a.path < b.path;
  }
  template <typename H>
  friend H AbslHashValue(H state, const FieldKey& key) {
    return H::combine(std::move(state), key.session, key.path);
  }
};

// Something is due for a session at `due`, microseconds of hub time. Ordered by time within a slot.
struct DueKey {
  Slot slot = 0;
  uint64_t due = 0;
  SessionNumber session = 0;

  friend bool operator==(const DueKey&, const DueKey&) = default;
  template <typename H>
  friend H AbslHashValue(H state, const DueKey& key) {
    return H::combine(std::move(state), key.slot, key.due, key.session);
  }
};

// A session's place among those of its owner. Kept in the session's home slot.
struct OwnerKey {
  AppNumber app = 0;
  std::string owner;
  SessionNumber session = 0;

  friend bool operator==(const OwnerKey&, const OwnerKey&) = default;
};

// The sessions of an app whose home is a slot.
struct AppSlot {
  Slot slot = 0;
  AppNumber app = 0;

  friend auto operator<=>(const AppSlot&, const AppSlot&) = default;
};

// How many of them live.
struct AppSlotCount {
  AppSlot key;
  uint64_t sessions = 0;

  friend bool operator==(const AppSlotCount&, const AppSlotCount&) = default;
};

// Stored once the counts of all apps and slots are: of app 0, which no app has.
inline constexpr AppSlot kAllCounted = {0, 0};

// What is stored under an OwnerKey: nothing but the key itself tells.
struct OwnerMark {};

// One write: no value means that the record is removed.
template <typename Key, typename Record>
struct Write {
  Key key;
  std::optional<Record> record;
};

// A key stands at most once in each list.
struct TurnRecord {
  std::vector<Write<NameKey, stored::Name>> names;
  std::vector<Write<SessionNumber, stored::Meta>> metas;
  std::vector<Write<SessionNumber, stored::Identity>> identities;
  std::vector<Write<FieldKey, stored::Field>> fields;
  std::vector<Write<DueKey, stored::Due>> due;
  std::vector<Write<OwnerKey, OwnerMark>> owners;
  std::vector<Write<Slot, uint64_t>> session_counts;   // sessions ever created in a slot
  std::vector<Write<AppSlot, uint64_t>> app_sessions;  // sessions that live; no value: none
  std::vector<Write<Incarnation, stored::Incarnation>> incarnations;
  // When an incarnation was last seen, in microseconds of served time; the greater wins.
  std::vector<Write<Incarnation, uint64_t>> last_seen;
  std::vector<Write<std::string, stored::App>> apps;  // by app name
  std::optional<uint64_t> hub_time;                   // microseconds
  std::optional<uint64_t> served_time;                // microseconds in which a hub has served

  bool empty() const {
    return names.empty() && metas.empty() && identities.empty() && fields.empty() && due.empty() &&
           owners.empty() && session_counts.empty() && app_sessions.empty() &&
           incarnations.empty() && last_seen.empty() && apps.empty() && !hub_time && !served_time;
  }
};

}  // namespace sessionhub::hub

#endif  // HUB_RECORD_TURN_RECORD_H_
