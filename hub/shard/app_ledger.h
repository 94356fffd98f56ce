// AppLedger: what a shard does for each app, counted. Pure. Belongs to one shard machine and is
// used by its thread only. Bounded by the apps of the hub (RosterOptions::apps_max).
#ifndef HUB_SHARD_APP_LEDGER_H_
#define HUB_SHARD_APP_LEDGER_H_

#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "proto/session/ids.h"

namespace sessionhub::hub {

// Of one app, since the machine was made, but for what is said to be now.
struct AppCounters {
  uint64_t nodes_attached = 0;  // now; every shard knows of all nodes
  uint64_t deltas_applied = 0;
  uint64_t deltas_refused = 0;
  uint64_t deltas_duplicate = 0;
  uint64_t forwards = 0;  // (delta, node) pairs
  // (delta, node) pairs of a broadcast: for each applied delta, the app's attached nodes but the
  // one that made it.
  uint64_t broadcast_copies = 0;
  // Of the newest delta that a broadcast would have sent to anybody; 0: none yet.
  SessionNumber last_broadcast = 0;
};

class AppLedger {
 public:
  void Attached(AppNumber app) { ++apps_[app].nodes_attached; }
  void Detached(AppNumber app) { --apps_[app].nodes_attached; }

  // A delta of an attached node is applied, and changes what the session holds.
  void Applied(AppNumber app, SessionNumber session) {
    AppCounters& counters = apps_[app];
    ++counters.deltas_applied;
    if (counters.nodes_attached <= 1) return;
    counters.broadcast_copies += counters.nodes_attached - 1;
    counters.last_broadcast = session;
  }
  // One ends its session: a broadcast has nothing of it to send.
  void Deleted(AppNumber app) { ++apps_[app].deltas_applied; }
  void Refused(AppNumber app) { ++apps_[app].deltas_refused; }
  void Duplicate(AppNumber app) { ++apps_[app].deltas_duplicate; }
  void Forwarded(AppNumber app, uint64_t nodes) { apps_[app].forwards += nodes; }

  const absl::flat_hash_map<AppNumber, AppCounters>& apps() const { return apps_; }

 private:
  absl::flat_hash_map<AppNumber, AppCounters> apps_;
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_APP_LEDGER_H_
