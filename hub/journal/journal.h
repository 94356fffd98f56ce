// Journal: what makes a turn's record durable. The seam that lets a replicated log take the place
// of the store's own log.
#ifndef HUB_JOURNAL_JOURNAL_H_
#define HUB_JOURNAL_JOURNAL_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "hub/record/turn_record.h"

namespace sessionhub::hub {

// A place in a journal; later places compare greater.
using Position = uint64_t;

class Journal {
 public:
  virtual ~Journal() = default;

  // Appends a self-contained record whose effects are decided. When it returns OK the record will
  // never be lost, unless StoreMustSync: then that is so once the store has applied it. After an
  // error the outcome is unknown and the process must stop. One caller at a time for each slot of
  // the record.
  virtual absl::StatusOr<Position> Append(const TurnRecord& record) = 0;

  // True if Append itself makes nothing durable, so that the store must sync when it applies.
  virtual bool StoreMustSync() const = 0;
};

}  // namespace sessionhub::hub

#endif  // HUB_JOURNAL_JOURNAL_H_
