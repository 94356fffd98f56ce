// ReadSet and Loaded: what a turn must know of the stored state before it can decide, and what the
// store answered. Plain data. The shard reads; the shard machine only ever sees Loaded.
#ifndef HUB_RECORD_READ_SET_H_
#define HUB_RECORD_READ_SET_H_

#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "hub/record/turn_record.h"
#include "proto/session/ids.h"
#include "proto/session/path.h"

namespace sessionhub::hub {

// All fields of a session at or below a path; the empty path asks for all of them.
struct FieldRange {
  SessionNumber session = 0;
  Path root;
  uint32_t count_max = 0;   // 0: no bound
  bool paths_only = false;  // what the fields hold is not read

  friend bool operator==(const FieldRange&, const FieldRange&) = default;
  template <typename H>
  friend H AbslHashValue(H state, const FieldRange& range) {
    return H::combine(std::move(state), range.session, range.root, range.count_max,
                      range.paths_only);
  }
};

// The first `count_max` entries of a slot that are due at `from` or later, and at `until` or
// before. With `and_next`, the first one after `until` too if there are fewer: it tells when to
// look again.
struct DueRange {
  Slot slot = 0;
  uint64_t until = 0;
  uint32_t count_max = 0;
  uint64_t from = 0;
  bool and_next = false;

  friend bool operator==(const DueRange&, const DueRange&) = default;
  template <typename H>
  friend H AbslHashValue(H state, const DueRange& range) {
    return H::combine(std::move(state), range.slot, range.until, range.count_max, range.from,
                      range.and_next);
  }
};

struct ReadSet {
  std::vector<NameKey> names;
  std::vector<SessionNumber> metas;
  std::vector<SessionNumber> identities;
  std::vector<FieldKey> fields;
  std::vector<FieldRange> field_ranges;
  std::vector<DueRange> due_ranges;
  std::vector<Slot> session_counts;
  std::vector<Incarnation> incarnations;

  bool empty() const {
    return names.empty() && metas.empty() && identities.empty() && fields.empty() &&
           field_ranges.empty() && due_ranges.empty() && session_counts.empty() &&
           incarnations.empty();
  }
};

struct FieldEntry {
  Path path;
  stored::Field field;
};

struct DueEntry {
  DueKey key;
  stored::Due due;
};

// Every key that was asked for has an entry; nullopt says that there is no record. A read adds to
// what is there, so that a turn can read in rounds (a name, then the meta that it points to).
struct Loaded {
  absl::flat_hash_map<NameKey, std::optional<stored::Name>> names;
  absl::flat_hash_map<SessionNumber, std::optional<stored::Meta>> metas;
  absl::flat_hash_map<SessionNumber, std::optional<stored::Identity>> identities;
  absl::flat_hash_map<FieldKey, std::optional<stored::Field>> fields;
  absl::flat_hash_map<FieldRange, std::vector<FieldEntry>> field_ranges;  // in path order
  absl::flat_hash_map<DueRange, std::vector<DueEntry>> due_ranges;        // in time order
  absl::flat_hash_map<Slot, uint64_t> session_counts;                     // 0: none yet
  absl::flat_hash_map<Incarnation, std::optional<stored::Incarnation>> incarnations;
};

}  // namespace sessionhub::hub

#endif  // HUB_RECORD_READ_SET_H_
