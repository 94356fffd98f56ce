#include "hub/shard/input.h"

#include <variant>

namespace sessionhub::hub {
namespace {

size_t BesideBytes(const CommitInput& commit) {
  const Delta& delta = commit.delta;
  return delta.SizeBytes() + delta.operations.size() * sizeof(Operation) +
         delta.conditions.size() * sizeof(FieldCondition) + commit.admission.message().size();
}

size_t BesideBytes(const OpenInput& open) {
  return open.name.id.size() + open.why_app_full.size() +
         (open.settings.owner ? open.settings.owner->size() : 0);
}

size_t BesideBytes(const DeleteInput& erase) {
  return erase.name.id.size() + erase.owner.size();
}

size_t BesideBytes(const RenameInput& rename) {
  return rename.name.id.size() + rename.old_id.size();
}

// Shared while it is sent on; counted by whoever holds it.
size_t CarriedBytes(const std::shared_ptr<const NameRequest>& then) {
  if (!then) return 0;
  return sizeof(NameRequest) + std::visit([](const auto& it) { return BesideBytes(it); }, *then);
}

size_t BesideBytes(const LookUpInput& look) {
  return look.name.id.size() + CarriedBytes(look.then);
}

size_t BesideBytes(const NameNoteInput& note) {
  return note.name.id.size() + CarriedBytes(note.then);
}

template <typename Plain>
size_t BesideBytes(const Plain&) {
  return 0;
}

}  // namespace

size_t InputSizeBytes(const Input& input) {
  return sizeof(Input) + std::visit([](const auto& it) { return BesideBytes(it); }, input);
}

}  // namespace sessionhub::hub
