#include "hub/shard/plan.h"

#include <utility>
#include <variant>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"

namespace sessionhub::hub {
namespace {

// Collects what is neither loaded nor asked for yet.
class Planner {
 public:
  Planner(const Loaded& loaded, const PlanContext& context) : loaded_(loaded), context_(context) {}

  void operator()(const CommitInput& input) {
    const SessionNumber session = SessionOf(input);
    if (session == 0) return;
    Want(session, loaded_.metas, &metas_, &reads_.metas);
    if (input.delta.deletes_session) {
      Want(session, loaded_.identities, &identities_, &reads_.identities);
    }
    for (const Operation& operation : input.delta.operations) {
      if (operation.kind == Operation::Kind::kIncrement) {
        Want(FieldKey{session, operation.path}, loaded_.fields, &fields_, &reads_.fields);
      } else if (operation.kind == Operation::Kind::kEraseSubtree) {
        WantRange({session, operation.path, 0});
      }
    }
    WantRecount(session, input.delta.SizeBytes());
  }

  void operator()(const OpenInput& input) {
    WantNameAndMeta(input.name);
    if (input.create != v1::CREATE_NEVER) {
      Want(input.name.slot, loaded_.session_counts, &session_counts_, &reads_.session_counts);
    }
  }

  void operator()(const DeleteInput& input) { WantNameAndMeta(input.name); }

  void operator()(const TickInput&) {
    for (Slot slot : *context_.slots) {
      const DueRange range{slot, context_.now_us, kDuePerTurnMax};
      Want(range, loaded_.due_ranges, &due_ranges_, &reads_.due_ranges);
      auto it = loaded_.due_ranges.find(range);
      if (it == loaded_.due_ranges.end()) continue;
      for (const DueEntry& entry : it->second) {
        if (entry.due.what() == stored::Due::SWEEP) {
          WantRange({entry.key.session, Path(), kSweptFieldsPerTurnMax});
        }
      }
    }
  }

  // The others concern nodes only.
  void operator()(const SeenInput&) {}
  void operator()(const ResumeInput&) {}
  void operator()(const CloseInput&) {}
  void operator()(const AttachInput&) {}
  void operator()(const DetachInput&) {}
  void operator()(const LeaseEndInput&) {}
  void operator()(const RoomInput&) {}

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

  void WantNameAndMeta(const NameKey& key) {
    Want(key, loaded_.names, &names_, &reads_.names);
    auto it = loaded_.names.find(key);
    if (it == loaded_.names.end() || !it->second) return;
    Want(it->second->number(), loaded_.metas, &metas_, &reads_.metas);
  }

  // A session whose upper bound may pass the limit in this turn is counted exactly.
  void WantRecount(SessionNumber session, uint64_t added_bytes) {
    auto it = loaded_.metas.find(session);
    if (it == loaded_.metas.end() || !it->second) return;
    uint64_t& bound = bytes_bounds_.try_emplace(session, it->second->bytes_bound()).first->second;
    bound += added_bytes;
    if (bound > context_.limits->session_bytes_max) WantRange({session, Path(), 0});
  }

  SessionNumber SessionOf(const CommitInput& input) const {
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
  absl::flat_hash_map<SessionNumber, uint64_t> bytes_bounds_;
};

}  // namespace

ReadSet Plan(absl::Span<const Input> inputs, const Loaded& loaded, const PlanContext& context) {
  Planner planner(loaded, context);
  for (const Input& input : inputs)
    std::visit([&planner](const auto& one) { planner(one); }, input);
  return std::move(planner).TakeReads();
}

}  // namespace sessionhub::hub
