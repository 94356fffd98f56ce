// Store: the seam between the hub and what keeps its records. Two implementations: RocksStore, and
// MemoryStore, its deterministic twin with synced, unsynced and torn state.
//
// Thread-safety: every method may be called from any thread. Writers of one slot must not overlap
// (a shard is the only writer of its slots; the registrar the only one that adds apps and
// incarnations).
#ifndef HUB_STORE_STORE_H_
#define HUB_STORE_STORE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/record/read_set.h"
#include "hub/record/turn_record.h"
#include "hub/store/backup.h"
#include "proto/session/ids.h"

namespace sessionhub::hub {

// What a listing of names yields.
struct NameEntry {
  NameKey key;
  stored::Name name;
};

struct LastSeenEntry {
  Incarnation incarnation{};
  uint64_t last_seen = 0;  // microseconds of served time
};

// A figure of what goes on inside a store, for whoever watches it.
struct StoreFigure {
  const char* name = "";  // in Prometheus' manner, the unit last: rocksdb_memtables_bytes
  const char* help = "";
  bool counts = false;  // since the store was opened; else it goes up and down
  double value = 0;
};

// Visits a field; false ends the scan.
using VisitField = std::function<bool(const Path& path, const stored::Field& field)>;

// The fields of one session as they were at one moment, however the store changes meanwhile. Keeps
// old data on the disk for as long as it lives, so its number is bounded by who takes it. May be
// used by one thread at a time and released on any. The store must outlive it.
class SessionSnapshot {
 public:
  virtual ~SessionSnapshot() = default;

  // Calls `visit` for each field in path order, from the first one behind `after` if that is given,
  // until it returns false. Errors are those of Store::Load.
  virtual absl::Status Scan(const std::optional<Path>& after, const VisitField& visit) const = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  // Reads everything in `reads`, adding to `loaded`. Sees every record applied before the call, and
  // nothing that is not yet applied. An error says that the store cannot be read: DataLoss for
  // damage, naming the file where known, else Internal or ResourceExhausted.
  virtual absl::Status Load(const ReadSet& reads, Loaded* loaded) const = 0;

  // Writes all of `record`, or nothing. With `sync`, returns only when it, and everything applied
  // before it, survives the loss of power. After an error what is stored is unknown until the next
  // open, and every later Apply fails: the process must stop.
  virtual absl::Status Apply(const TurnRecord& record, bool sync) = 0;

  // Calls `visit` for each field of a session in path order, from one snapshot, until it returns
  // false.
  virtual absl::Status ScanFields(SessionNumber session, const VisitField& visit) const = 0;

  // Pins the fields of a session: sees every record applied before the call, and none after it.
  virtual std::unique_ptr<SessionSnapshot> PinSession(SessionNumber session) const = 0;

  // Names of an app in key order (slot, id), after `after` if given, at most `count_max`.
  virtual absl::StatusOr<std::vector<NameEntry>> ListNames(AppNumber app,
                                                           const std::optional<NameKey>& after,
                                                           size_t count_max) const = 0;

  // Sessions of an owner (1 to 256 bytes) in the order of (home slot, number), after `after` unless
  // it is 0, at most `count_max`.
  virtual absl::StatusOr<std::vector<SessionNumber>> ListOwned(AppNumber app,
                                                               const std::string& owner,
                                                               SessionNumber after,
                                                               size_t count_max) const = 0;

  // How many sessions live, of each app and slot that has any, in key order; with
  // kAllCounted, if that is stored.
  virtual absl::StatusOr<std::vector<AppSlotCount>> ListAppSessions() const = 0;

  virtual absl::StatusOr<std::optional<stored::App>> FindApp(const std::string& name) const = 0;
  // The highest app number given so far; 0: none.
  virtual absl::StatusOr<AppNumber> LastAppNumber() const = 0;
  virtual absl::StatusOr<std::optional<stored::Incarnation>> FindIncarnation(
      const Incarnation& incarnation) const = 0;
  // 0: never.
  virtual absl::StatusOr<uint64_t> FindLastSeen(const Incarnation& incarnation) const = 0;
  // In the order of their bytes, after `after` if given, at most `count_max`.
  virtual absl::StatusOr<std::vector<LastSeenEntry>> ListLastSeen(
      const std::optional<Incarnation>& after, size_t count_max) const = 0;
  // The newest hub time applied, microseconds; 0: none.
  virtual absl::StatusOr<uint64_t> LastHubTime() const = 0;
  // The same of the time in which hubs have served.
  virtual absl::StatusOr<uint64_t> LastServedTime() const = 0;

  // Constant while the store is open.
  virtual HistoryId history_id() const = 0;

  // The format of what is stored. Whoever writes what came with a later format asks for it first:
  // until operators finalize an upgrade, the release before must be able to open the folder. Never
  // falls; rises by FinalizeFormat alone.
  virtual uint32_t format() const = 0;
  // The newest one that this program knows.
  virtual uint32_t newest_format() const = 0;
  // Makes newest_format() the format, durably; if it is that already, does nothing. After an error
  // the format is the old one here, and old or new in the folder: calling again is right. An error
  // of the database is one of Apply as well.
  virtual absl::Status FinalizeFormat() = 0;

  // None of a store that has nothing to tell. Waits for no disk.
  virtual std::vector<StoreFigure> figures() const { return {}; }
  // Backups of the folder, where there is one; else Unimplemented.

  // Makes a backup, one at a time; applies go on meanwhile. It holds every record that was applied
  // with a sync before the call, and none that is applied after it has returned. Errors, after
  // which there is no trace of it: FailedPrecondition without a folder for backups and while
  // another is made or read; ResourceExhausted for a full disk and past kBackupsMax; what
  // StopBackups says.
  virtual absl::StatusOr<MadeBackup> CreateBackup(const BackupRequest&) {
    return absl::UnimplementedError("this store is in memory: it makes no backups");
  }
  virtual absl::StatusOr<BackupListing> ListBackups() const {
    return absl::UnimplementedError("this store is in memory: it makes no backups");
  }
  // Ends the backup that is being made, which then answers `why`; `for_good`: no other one begins.
  virtual void StopBackups(const absl::Status& /*why*/, bool /*for_good*/) {}
};

}  // namespace sessionhub::hub

#endif  // HUB_STORE_STORE_H_
