// MemoryStore: the deterministic twin of RocksStore, for tests, simulation and the in-process hub.
// It knows which writes are synced, so a test can crash it and see what a power cut would leave.
#ifndef HUB_STORE_MEMORY_STORE_H_
#define HUB_STORE_MEMORY_STORE_H_

#include <cstddef>
#include <memory>

#include "hub/store/store.h"

namespace sessionhub::hub {

class MemoryStore : public Store {
 public:
  static std::unique_ptr<MemoryStore> Create(const HistoryId& history_id);

  // Loses what a power cut may lose: of the applies since the last sync only the first `kept`
  // survive (a log is lost from its end). With `kept` past their number nothing is lost. The store
  // is then as one that was just opened.
  virtual void Crash(size_t kept) = 0;
  // What a power cut would leave now, in a store of its own: a copy of the data folder as a restore
  // gives it back, with another history id.
  virtual std::unique_ptr<MemoryStore> CopySynced(const HistoryId& history_id) const = 0;
  // How many applies have happened since the last sync.
  virtual size_t unsynced_applies() const = 0;

  // From now on every Apply fails with `status`, before it writes anything; OK ends that. Whatever
  // ends, once an Apply has failed every later one fails in the same way until the next Crash.
  virtual void FailApplies(const absl::Status& status) = 0;

  // From now on every Apply with sync writes, and fails with `status` in place of the sync; OK ends
  // that.
  virtual void FailSyncs(const absl::Status& status) = 0;

  // How many applies with sync have returned OK.
  virtual uint64_t syncs() const = 0;
};

}  // namespace sessionhub::hub

#endif  // HUB_STORE_MEMORY_STORE_H_
