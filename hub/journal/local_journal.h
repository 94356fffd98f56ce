// LocalJournal: the journal of a single hub. Empty: the store's synced apply is the log.
#ifndef HUB_JOURNAL_LOCAL_JOURNAL_H_
#define HUB_JOURNAL_LOCAL_JOURNAL_H_

#include <atomic>

#include "hub/journal/journal.h"

namespace sessionhub::hub {

class LocalJournal : public Journal {
 public:
  absl::StatusOr<Position> Append(const TurnRecord&) override { return ++position_; }
  bool StoreMustSync() const override { return true; }

 private:
  std::atomic<Position> position_ = 0;
};

}  // namespace sessionhub::hub

#endif  // HUB_JOURNAL_LOCAL_JOURNAL_H_
