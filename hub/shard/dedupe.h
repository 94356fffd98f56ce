// Dedupe: what a session's meta remembers of the deltas that each incarnation has had decided, so
// that a resend is recognised after any break, restart or power cut. Pure functions over
// stored::Meta.
#ifndef HUB_SHARD_DEDUPE_H_
#define HUB_SHARD_DEDUPE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "hub/record/stored.h"
#include "proto/session/ids.h"
#include "sessionhub/v1/delta.pb.h"

namespace sessionhub::hub {

// Rows of one meta. A row is dropped once its node has seen every answer that it covers, so mostly
// nodes that are away hold rows. When the table is full, the oldest of those is ended for good.
inline constexpr int kWritersMax = 256;

// Of one row: deltas that were refused one after the other for one reason count once. A node that
// does not say which answers it has seen is refused more.
inline constexpr int kRefusedRunsMax = 1'024;

struct Recognised {
  enum class Kind { kNew, kApplied, kRefused };
  Kind kind = Kind::kNew;
  Version version = 0;                                 // kApplied: a version that includes it
  v1::RefusalReason reason = v1::REFUSAL_UNSPECIFIED;  // kRefused
};

Recognised Recognise(const stored::Meta& meta, const Incarnation& incarnation, uint64_t seq);

// True if a delta of this incarnation can be recorded: it has a row, or there is room for one.
bool HasRoomForWriter(const stored::Meta& meta, const Incarnation& incarnation);

// True if this incarnation has so many refusals here whose answers it has not said to have seen
// that every further delta is to be refused with LIMIT_EXCEEDED.
bool RefusalsAreFull(const stored::Meta& meta, const Incarnation& incarnation);

// Takes out the oldest row whose incarnation `may_end`, and says which it was; nothing if there is
// none. The caller ends that incarnation durably in the same turn: it may not resend any more.
std::optional<Incarnation> TakeOldestWriter(absl::FunctionRef<bool(const Incarnation&)> may_end,
                                            stored::Meta* meta);

// True if the last delta of this incarnation that the session has decided was refused, and its
// node has not said that it saw that answer.
bool LastWasRefused(const stored::Meta& meta, const Incarnation& incarnation);

// Records a decision. `meta.version()` is the version after an applied delta.
void RecordApplied(const Incarnation& incarnation, uint64_t seq, stored::Meta* meta);
void RecordRefused(const Incarnation& incarnation, uint64_t seq, v1::RefusalReason reason,
                   stored::Meta* meta);

// Forgets what answers have arrived for: refusals, and whole rows that cover nothing else.
// `seen_through` tells for an incarnation up to which delta it has seen the answers; 0: not known.
void ForgetSeen(absl::FunctionRef<uint64_t(const Incarnation&)> seen_through, stored::Meta* meta);

// Rows that nobody has looked at for this long: their incarnation may have ended. 0 gives all.
std::vector<Incarnation> WritersToCheck(const stored::Meta& meta, uint64_t now_us,
                                        uint64_t unchecked_us_max);

// Drops the rows of incarnations that have ended, and notes when the others were found alive or are
// met for the first time. `alive` tells whether an incarnation may still resend; nothing: nobody
// looked.
void ForgetEnded(absl::FunctionRef<std::optional<bool>(const Incarnation&)> alive, uint64_t now_us,
                 stored::Meta* meta);

// The last delta of this incarnation that the session has decided; 0: none that it could still
// resend.
uint64_t IncludedSeq(const stored::Meta& meta, const Incarnation& incarnation);

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_DEDUPE_H_
