#include "hub/shard/turn_state.h"

#include <utility>

#include "hub/record/field_value.h"

namespace sessionhub::hub {
namespace {

// The record of `key`: what the turn decided, else what was loaded, else nullptr.
template <typename Key, typename Record>
const Record* Look(const absl::flat_hash_map<Key, std::optional<Record>>& overlay,
                   const absl::flat_hash_map<Key, std::optional<Record>>& loaded, const Key& key) {
  auto it = overlay.find(key);
  if (it != overlay.end()) return it->second ? &*it->second : nullptr;
  it = loaded.find(key);
  return it != loaded.end() && it->second ? &*it->second : nullptr;
}

template <typename Key, typename Record>
void MoveWrites(absl::flat_hash_map<Key, std::optional<Record>>* overlay,
                std::vector<Write<Key, Record>>* writes) {
  writes->reserve(overlay->size());
  for (auto& [key, record] : *overlay) writes->push_back({key, std::move(record)});
}

}  // namespace

const stored::Name* TurnState::FindName(const NameKey& key) const {
  return Look(names_, loaded_->names, key);
}

const stored::Meta* TurnState::FindMeta(SessionNumber session) const {
  return Look(metas_, loaded_->metas, session);
}

const stored::Identity* TurnState::FindIdentity(SessionNumber session) const {
  return Look(identities_, loaded_->identities, session);
}

const TurnState::FieldOverlay* TurnState::OverlayOf(SessionNumber session) const {
  auto it = fields_.find(session);
  return it == fields_.end() ? nullptr : &it->second;
}

TurnState::FoundField TurnState::FindField(SessionNumber session, const Path& path) const {
  if (const FieldOverlay* overlay = OverlayOf(session)) {
    auto it = overlay->find(path);
    if (it != overlay->end()) return {true, it->second ? &*it->second : nullptr};
  }
  auto it = loaded_->fields.find(FieldKey{session, path});
  if (it == loaded_->fields.end()) return {fresh_.contains(session), nullptr};
  return {true, it->second ? &*it->second : nullptr};
}

const std::vector<FieldEntry>* TurnState::FindRange(SessionNumber session, const Path& root) const {
  auto it = loaded_->field_ranges.find(FieldRange{session, root, 0});
  if (it == loaded_->field_ranges.end()) {
    it = loaded_->field_ranges.find(FieldRange{session, Path(), 0});
  }
  return it == loaded_->field_ranges.end() ? nullptr : &it->second;
}

std::optional<std::map<Path, size_t>> TurnState::FieldSizesUnder(SessionNumber session,
                                                                 const Path& root) const {
  std::map<Path, size_t> sizes;
  const std::vector<FieldEntry>* range = FindRange(session, root);
  if (!range && !fresh_.contains(session)) return std::nullopt;
  if (range) {
    for (const FieldEntry& entry : *range) {
      if (root.Covers(entry.path)) {
        sizes[entry.path] = FieldSizeBytes(entry.path, ValueOf(entry.field));
      }
    }
  }
  const FieldOverlay* overlay = OverlayOf(session);
  if (!overlay) return sizes;
  for (auto it = overlay->lower_bound(root); it != overlay->end() && root.Covers(it->first); ++it) {
    if (it->second) {
      sizes[it->first] = FieldSizeBytes(it->first, ValueOf(*it->second));
    } else {
      sizes.erase(it->first);
    }
  }
  return sizes;
}

stored::Meta* TurnState::MutableMeta(SessionNumber session) {
  auto [it, inserted] = metas_.try_emplace(session);
  if (inserted) {
    auto stored_meta = loaded_->metas.find(session);
    if (stored_meta != loaded_->metas.end()) it->second = stored_meta->second;
  }
  if (!it->second) it->second.emplace();
  return &*it->second;
}

std::optional<bool> TurnState::IsAlive(const Incarnation& incarnation) const {
  if (ended_incarnations_.contains(incarnation)) return false;
  auto it = loaded_->incarnations.find(incarnation);
  if (it == loaded_->incarnations.end()) return std::nullopt;
  return it->second.has_value();
}

void TurnState::PutDue(const DueKey& key, stored::Due::What what) {
  stored::Due due;
  due.set_what(what);
  due_[key] = std::move(due);
}

void TurnState::PutNameDue(const DueKey& key, const NameKey& name) {
  stored::Due due;
  due.set_what(stored::Due::NAME);
  due.set_app(name.app);
  due.set_id(name.id);
  due_[key] = std::move(due);
}

std::optional<SessionNumber> TurnState::NewSessionNumber(Slot slot) {
  auto [it, inserted] = session_counts_.try_emplace(slot, 0);
  if (inserted) {
    auto stored_count = loaded_->session_counts.find(slot);
    if (stored_count == loaded_->session_counts.end()) {
      session_counts_.erase(it);
      return std::nullopt;
    }
    it->second = stored_count->second;
  }
  const SessionNumber number = MakeSessionNumber(slot, ++it->second);
  fresh_.insert(number);
  return number;
}

std::vector<DueKey> TurnState::NewDueKeys() const {
  std::vector<DueKey> keys;
  for (const auto& [key, due] : due_) {
    if (due) keys.push_back(key);
  }
  return keys;
}

// Of the metas that the turn writes: so no way in which a session begins or ends is forgotten.
std::map<AppSlot, int64_t> TurnState::LiveChanges() const {
  const auto lives = [](const std::optional<stored::Meta>& meta) { return meta && !meta->dead(); };
  std::map<AppSlot, int64_t> changes;
  for (const auto& [session, now] : metas_) {
    const auto loaded = loaded_->metas.find(session);
    const bool before = loaded != loaded_->metas.end() && lives(loaded->second);
    if (before == lives(now)) continue;
    const AppNumber app = now ? now->app() : loaded->second->app();
    changes[{HomeSlot(session), app}] += before ? -1 : 1;
  }
  return changes;
}

void TurnState::WriteOwners(std::vector<Write<OwnerKey, OwnerMark>>* owners) const {
  static const stored::Identity kNone;
  for (const auto& [session, now] : identities_) {
    auto loaded = loaded_->identities.find(session);
    const bool known = loaded != loaded_->identities.end() && loaded->second;
    const stored::Identity& before = known ? *loaded->second : kNone;
    const stored::Identity& after = now ? *now : kNone;
    if (before.owner() == after.owner()) continue;
    if (!before.owner().empty()) {
      owners->push_back({{before.app(), before.owner(), session}, std::nullopt});
    }
    if (!after.owner().empty()) {
      owners->push_back({{after.app(), after.owner(), session}, OwnerMark{}});
    }
  }
}

TurnRecord TurnState::TakeRecord() && {
  TurnRecord record;
  WriteOwners(&record.owners);
  MoveWrites(&names_, &record.names);
  MoveWrites(&metas_, &record.metas);
  MoveWrites(&identities_, &record.identities);
  for (auto& [session, overlay] : fields_) {
    for (auto& [path, field] : overlay) {
      record.fields.push_back({FieldKey{session, path}, std::move(field)});
    }
  }
  for (const Incarnation& incarnation : ended_incarnations_) {
    record.incarnations.push_back({incarnation, std::nullopt});
  }
  MoveWrites(&due_, &record.due);
  for (const auto& [slot, count] : session_counts_) record.session_counts.push_back({slot, count});
  return record;
}

}  // namespace sessionhub::hub
