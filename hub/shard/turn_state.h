// TurnState: what a turn sees of the stored state: what was loaded, under what the turn itself has
// decided so far. At the end it yields the turn's record. Pure.
#ifndef HUB_SHARD_TURN_STATE_H_
#define HUB_SHARD_TURN_STATE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "hub/record/read_set.h"
#include "hub/record/turn_record.h"
#include "proto/session/ids.h"
#include "proto/session/path.h"
#include "proto/session/state.h"

namespace sessionhub::hub {

class TurnState {
 public:
  // `loaded` is not owned and does not change while this lives.
  explicit TurnState(const Loaded* loaded) : loaded_(loaded) {}

  // Each Find gives nullptr for "no record", and for what the plan did not ask for.
  const stored::Name* FindName(const NameKey& key) const;
  const stored::Meta* FindMeta(SessionNumber session) const;
  const stored::Identity* FindIdentity(SessionNumber session) const;

  // A copy of the field to change, if the plan asked for it or the turn has written it. `known`
  // says whether the answer can be trusted: false if nobody loaded the field.
  struct FoundField {
    bool known = false;
    const stored::Field* field = nullptr;
  };
  FoundField FindField(SessionNumber session, const Path& path) const;

  // Paths of the fields at or below `root`, with what they count in bytes. Nothing if the range was
  // not loaded, nor a wider one.
  std::optional<std::map<Path, size_t>> FieldSizesUnder(SessionNumber session,
                                                        const Path& root) const;

  // The record to change in place; it becomes part of the turn's record.
  stored::Meta* MutableMeta(SessionNumber session);

  void PutName(const NameKey& key, const stored::Name& name) { names_[key] = name; }
  void EraseName(const NameKey& key) { names_[key] = std::nullopt; }
  void EraseMeta(SessionNumber session) { metas_[session] = std::nullopt; }
  // The owner index follows: a session is among those of its identity's owner, and of nobody else.
  // The plan must have asked for the identity, unless the session is new.
  void PutIdentity(SessionNumber session, const stored::Identity& identity) {
    identities_[session] = identity;
  }
  void EraseIdentity(SessionNumber session) { identities_[session] = std::nullopt; }
  void PutField(SessionNumber session, const Path& path, stored::Field field) {
    fields_[session][path] = std::move(field);
  }
  void EraseField(SessionNumber session, const Path& path) {
    fields_[session][path] = std::nullopt;
  }
  void PutDue(const DueKey& key, stored::Due::What what);
  void PutNameDue(const DueKey& key, const NameKey& name);
  void EraseDue(const DueKey& key) { due_[key] = std::nullopt; }

  // The incarnation may not resend any more.
  void EndIncarnation(const Incarnation& incarnation) { ended_incarnations_.insert(incarnation); }

  // True if the incarnation may still resend; nothing if the plan did not ask for it.
  std::optional<bool> IsAlive(const Incarnation& incarnation) const;

  // A number that no session ever had. Nothing if the slot's count was not loaded.
  std::optional<SessionNumber> NewSessionNumber(Slot slot);

  // The keys of the due entries that the turn writes.
  std::vector<DueKey> NewDueKeys() const;

  // By how much the sessions that live become more or fewer, of each app and slot.
  std::map<AppSlot, int64_t> LiveChanges() const;

  // True if the turn has decided anything so far.
  bool has_writes() const {
    return !(names_.empty() && metas_.empty() && identities_.empty() && fields_.empty() &&
             due_.empty() && ended_incarnations_.empty() && session_counts_.empty());
  }

  // Everything the turn has decided. Call once, last.
  TurnRecord TakeRecord() &&;

 private:
  using FieldOverlay = std::map<Path, std::optional<stored::Field>>;

  void WriteOwners(std::vector<Write<OwnerKey, OwnerMark>>* owners) const;
  const std::vector<FieldEntry>* FindRange(SessionNumber session, const Path& root) const;
  const FieldOverlay* OverlayOf(SessionNumber session) const;

  const Loaded* loaded_;
  absl::flat_hash_map<NameKey, std::optional<stored::Name>> names_;
  absl::flat_hash_map<SessionNumber, std::optional<stored::Meta>> metas_;
  absl::flat_hash_map<SessionNumber, std::optional<stored::Identity>> identities_;
  absl::flat_hash_map<SessionNumber, FieldOverlay> fields_;
  absl::flat_hash_map<DueKey, std::optional<stored::Due>> due_;
  absl::flat_hash_set<Incarnation> ended_incarnations_;
  absl::flat_hash_map<Slot, uint64_t> session_counts_;
  absl::flat_hash_set<SessionNumber> fresh_;  // created in this turn: nothing of them is stored
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_TURN_STATE_H_
