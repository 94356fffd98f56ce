#include "hub/shard/plan.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "hub/record/field_value.h"
#include "hub/shard/dedupe.h"
#include "hub/shard/expiry.h"
#include "hub/shard/renames.h"

namespace sessionhub::hub {
namespace {

// Collects what is neither loaded nor asked for yet.
class Planner {
 public:
  Planner(const Loaded& loaded, const PlanContext& context) : loaded_(loaded), context_(context) {}

  // Before all inputs are planned: what the turn brings.
  void Note(const Input& input) {
    const auto* commit = std::get_if<CommitInput>(&input);
    if (!commit) return;
    Growth& growth = growths_[SessionOf(*commit)];
    growth.added_bytes += commit->delta.SizeBytes();
    for (const Operation& operation : commit->delta.operations) {
      growth.erases_subtrees |= operation.kind == Operation::Kind::kEraseSubtree;
    }
  }

  void operator()(const CommitInput& input) {
    const SessionNumber session = SessionOf(input);
    if (session == 0) return;
    Want(session, loaded_.metas, &metas_, &reads_.metas);
    WantWriters(session, context_.resend_horizon_us);
    if (input.delta.deletes_session || input.delta.settings.owner) {
      Want(session, loaded_.identities, &identities_, &reads_.identities);
    }
    for (const Operation& operation : input.delta.operations) {
      if (operation.kind == Operation::Kind::kIncrement ||
          operation.kind == Operation::Kind::kSplice) {
        Want(FieldKey{session, operation.path}, loaded_.fields, &fields_, &reads_.fields);
      } else if (operation.kind == Operation::Kind::kEraseSubtree) {
        WantRange({session, operation.path});
      }
    }
    for (const FieldCondition& condition : input.delta.conditions) {
      Want(FieldKey{session, condition.path}, loaded_.fields, &fields_, &reads_.fields);
    }
    WantSize(session, input.delta);
  }

  void operator()(const OpenInput& input) {
    WantNameAndMeta(input.name);
    if (input.create == v1::CREATE_EXCLUSIVE) WantCreator(input.name);
    if (input.create != v1::CREATE_NEVER) {
      Want(input.name.slot, loaded_.session_counts, &session_counts_, &reads_.session_counts);
    }
  }

  void operator()(const DeleteInput& input) {
    if (input.name.id.empty()) return WantSession(input.number);
    WantNameAndMeta(input.name);
    auto name = loaded_.names.find(input.name);
    if (name == loaded_.names.end() || !name->second) return;
    Want(name->second->number(), loaded_.identities, &identities_, &reads_.identities);
  }

  void operator()(const RenameInput& input) {
    if (!input.reserved) WantNameAndMeta(input.name);
    if (input.reserved || input.name.slot == HomeSlot(input.number)) WantSession(input.number);
  }

  void operator()(const LookUpInput& input) {
    WantSession(input.number);
    // In its own slot, what comes of a stale name is decided in the same turn.
    if (input.name.slot == HomeSlot(input.number)) WantRequest(input.name, input.then.get());
  }

  void operator()(const NameNoteInput& input) { WantRequest(input.name, input.then.get()); }

  void operator()(const ResumeInput& input) {
    const auto session = context_.index->SessionOf(input.origin.node, input.handle);
    const auto* pair = session ? context_.index->Find(*session, input.origin.node) : nullptr;
    if (pair && pair->renamed) Want(*session, loaded_.identities, &identities_, &reads_.identities);
  }

  void operator()(const TickInput&) {
    for (const DueRange& range : context_.agenda->RangesAt(context_.now_us)) {
      Want(range, loaded_.due_ranges, &due_ranges_, &reads_.due_ranges);
      auto it = loaded_.due_ranges.find(range);
      if (it == loaded_.due_ranges.end()) continue;
      for (const DueEntry& entry : it->second) {
        if (entry.key.due <= context_.now_us) WantForDue(entry);
      }
    }
    for (SessionNumber session : context_.locks->DueBy(context_.now_us)) WantMeta(session);
  }

  void operator()(const TouchInput& input) { WantMeta(SessionOf(input)); }

  void operator()(const LockInput& input) { WantMeta(SessionOf(input)); }
  void operator()(const UnlockInput& input) { WantMeta(SessionOf(input)); }

  // The others concern nodes only.
  void operator()(const UnreadInput&) {}
  void operator()(const SeenInput&) {}
  void operator()(const CloseInput&) {}
  void operator()(const ReceiptInput&) {}
  void operator()(const AttachInput&) {}
  void operator()(const DetachInput&) {}
  void operator()(const LeaseEndInput&) {}
  void operator()(const RoomInput&) {}
  void operator()(const ReadDoneInput&) {}

  ReadSet TakeReads() && { return std::move(reads_); }

 private:
  template <typename Key, typename Map>
  void Want(const Key& key, const Map& loaded, absl::flat_hash_set<Key>* wanted,
            std::vector<Key>* reads) {
    if (!loaded.contains(key) && wanted->insert(key).second) reads->push_back(key);
  }

  void WantRange(const FieldRange& range) {
    Want(range, loaded_.field_ranges, &field_ranges_, &reads_.field_ranges);
  }

  void WantMeta(SessionNumber session) {
    if (session != 0) Want(session, loaded_.metas, &metas_, &reads_.metas);
  }

  void WantNameAndMeta(const NameKey& key) {
    Want(key, loaded_.names, &names_, &reads_.names);
    auto it = loaded_.names.find(key);
    if (it == loaded_.names.end() || !it->second) return;
    const stored::Name& name = *it->second;
    Want(name.number(), loaded_.metas, &metas_, &reads_.metas);
    if (key.slot == HomeSlot(name.number()) && !IsExact(key, name)) {
      Want(name.number(), loaded_.identities, &identities_, &reads_.identities);
    }
  }

  void WantSession(SessionNumber session) {
    Want(session, loaded_.metas, &metas_, &reads_.metas);
    Want(session, loaded_.identities, &identities_, &reads_.identities);
  }

  void WantRequest(const NameKey& name, const NameRequest* request) {
    WantNameAndMeta(name);
    if (request) std::visit([this](const auto& one) { (*this)(one); }, *request);
  }

  // Of the session that has the name, if there is one.
  void WantCreator(const NameKey& key) {
    auto it = loaded_.names.find(key);
    if (it == loaded_.names.end() || !it->second) return;
    Want(it->second->number(), loaded_.identities, &identities_, &reads_.identities);
  }

  // The incarnations of rows that nobody has looked at for this long.
  void WantWriters(SessionNumber session, uint64_t unchecked_us_max) {
    auto it = loaded_.metas.find(session);
    if (it == loaded_.metas.end() || !it->second) return;
    for (const Incarnation& writer :
         WritersToCheck(*it->second, context_.now_us, unchecked_us_max)) {
      Want(writer, loaded_.incarnations, &incarnations_, &reads_.incarnations);
    }
  }

  void WantForDue(const DueEntry& entry) {
    const SessionNumber session = entry.key.session;
    if (entry.due.what() == stored::Due::SWEEP) WantRange(SweepOf(session));
    if (entry.due.what() == stored::Due::PURGE) {
      WantSession(session);
      WantWriters(session, 0);
    }
    if (entry.due.what() == stored::Due::NAME) {
      Want(NameKey{entry.key.slot, entry.due.app(), entry.due.id()}, loaded_.names, &names_,
           &reads_.names);
    }
    if (entry.due.what() != stored::Due::EXPIRE) return;
    Want(session, loaded_.metas, &metas_, &reads_.metas);
    auto meta = loaded_.metas.find(session);
    if (meta == loaded_.metas.end() || !meta->second) return;
    // The name to free, should it end now.
    if (DeadlineOf(session, *meta->second, *context_.served) <= context_.now_us) {
      Want(session, loaded_.identities, &identities_, &reads_.identities);
    }
  }

  // How much larger a session may be after the turn.
  struct Growth {
    uint64_t added_bytes = 0;  // if nothing were replaced
    bool erases_subtrees = false;
    uint64_t bytes = 0;                         // that are certain not to be replaced, so far
    absl::flat_hash_map<Path, uint64_t> least;  // that a field may count when it is replaced
  };

  // A session whose upper bound may pass the limit in this turn: what is replaced is read, and only
  // if that may not be enough, and the bound is not exact, all of it. Never less than the step
  // needs.
  void WantSize(SessionNumber session, const Delta& delta) {
    auto it = loaded_.metas.find(session);
    if (it == loaded_.metas.end() || !it->second) return;
    const stored::Meta& meta = *it->second;
    Growth& growth = growths_[session];
    if (meta.bytes_bound() + growth.added_bytes <= context_.limits->session_bytes_max) return;
    bool all_loaded = true;
    for (const Operation& operation : delta.operations) {
      if (operation.kind == Operation::Kind::kEraseSubtree) continue;
      const FieldKey key{session, operation.path};
      Want(key, loaded_.fields, &fields_, &reads_.fields);
      all_loaded = all_loaded && loaded_.fields.contains(key);
      if (all_loaded) Grow(key, operation, &growth);
    }
    if (meta.bytes_exact() || !all_loaded) return;
    if (meta.bytes_bound() + growth.bytes > context_.limits->session_bytes_max) {
      WantRange({session, Path()});
    }
  }

  // A delta may be refused, so what a field counts when it is replaced is the least of what it was
  // and what earlier deltas of the turn make it.
  void Grow(const FieldKey& key, const Operation& operation, Growth* growth) {
    const std::optional<stored::Field>& stored_field = loaded_.fields.at(key);
    const uint64_t before = stored_field && !growth->erases_subtrees
                                ? FieldSizeBytes(key.path, ValueOf(*stored_field))
                                : 0;
    uint64_t& least = growth->least.try_emplace(key.path, before).first->second;
    const uint64_t after = SizeAfter(operation);
    if (after > least) growth->bytes += after - least;
    least = std::min(least, after);
  }

  // What the field counts if the operation is applied; a splice has only one possible base.
  static uint64_t SizeAfter(const Operation& operation) {
    if (operation.kind == Operation::Kind::kErase) return 0;
    const uint64_t bytes = FieldSizeBytes(operation.path, operation.value);
    if (operation.kind != Operation::Kind::kSplice) return bytes;
    return bytes + operation.splice.base_bytes - operation.splice.remove_bytes;
  }

  // Of an input that names its session by handle or number.
  template <typename NamesSession>
  SessionNumber SessionOf(const NamesSession& input) const {
    if (input.handle == 0) return input.number;
    return context_.index->SessionOf(input.origin.node, input.handle).value_or(0);
  }

  const Loaded& loaded_;
  const PlanContext& context_;
  ReadSet reads_;
  absl::flat_hash_set<NameKey> names_;
  absl::flat_hash_set<SessionNumber> metas_;
  absl::flat_hash_set<SessionNumber> identities_;
  absl::flat_hash_set<FieldKey> fields_;
  absl::flat_hash_set<FieldRange> field_ranges_;
  absl::flat_hash_set<DueRange> due_ranges_;
  absl::flat_hash_set<Slot> session_counts_;
  absl::flat_hash_set<Incarnation> incarnations_;
  absl::flat_hash_map<SessionNumber, Growth> growths_;
};

}  // namespace

FieldRange SweepOf(SessionNumber session) {
  FieldRange range{session, Path(), kSweptFieldsPerTurnMax};
  range.paths_only = true;
  return range;
}

ReadSet Plan(absl::Span<const Input> inputs, const Loaded& loaded, const PlanContext& context) {
  Planner planner(loaded, context);
  for (const Input& input : inputs) planner.Note(input);
  for (const Input& input : inputs)
    std::visit([&planner](const auto& one) { planner(one); }, input);
  return std::move(planner).TakeReads();
}

}  // namespace sessionhub::hub
