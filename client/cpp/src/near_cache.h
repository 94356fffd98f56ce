// NearCache: a node's copies of sessions. Pure: no thread, no clock, no I/O.
//
// A copy changes only by intervals (from, to] of versions that tile the version line. Copies
// without a Session handle are dropped least recently used first when they take more than their
// bytes.
#ifndef CLIENT_CPP_SRC_NEAR_CACHE_H_
#define CLIENT_CPP_SRC_NEAR_CACHE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "client/cpp/src/view.h"
#include "proto/session/delta.h"
#include "proto/session/ids.h"
#include "sessionhub/options.h"

namespace sessionhub::client {

// A time of the steady clock. The pure parts never read the clock; they are told.
using Time = std::chrono::steady_clock::time_point;

// How a Session or an Edit names a copy. The stamp is of this process: a copy that was dropped and
// one that came later under the same number (of a restored hub) are told apart.
struct CopyRef {
  SessionNumber number = 0;
  uint64_t stamp = 0;
};

struct Copy {
  enum class State {
    kCut,       // the stream broke; nothing is asked yet
    kAwaiting,  // a catch-up is asked for
    kLive,      // holds every version that the hub has told
    kOld,       // the hub said that there is a newer version, and says no more
    kFetched,   // was the newest at `fresh_at`; this node has no interest at the hub
  };

  std::string id;
  std::string former_id;  // which the hub may still lead here
  CopyRef ref;
  uint32_t handle = 0;  // on the present attach; 0: none
  State state = State::kCut;
  Interest interest = Interest::kNone;  // the strongest asked for
  Version version = 0;                  // 0: nothing held yet
  Version version_known = 0;   // the newest version heard of; above `version` something is missing
  Version version_called = 0;  // by an invalidation: all before it are old
  // The version first told to the hub on this stream; nothing before that. Whatever a hub tells
  // afterwards is no older, unless its data are.
  std::optional<Version> version_told = 0;
  Time fresh_at;          // while not live: when the copy was live last
  uint32_t pins = 0;      // Session handles
  uint32_t watchers = 0;  // subscriptions
  // The newest commit on it, and whether that was refused or may not be applied.
  uint64_t last_commit = 0;
  bool last_refused = false;

  std::chrono::milliseconds idle_timeout{0};  // of the session; 0: none
  // Uses that the hub is to be told of; see Touches.
  Time used_at;
  std::optional<Time> told_at;
  bool use_waits = false;

  // A catch-up of which further items are to come.
  struct {
    bool replace = false;
    Delta changes;
  } staged;
  // Catch-ups count from their first item on: one that is under way may have begun unseen.
  bool awaits_first = false;
  // The hub has it down for another interest, and was not told yet.
  bool asks_interest = false;
  // A handle of it was closed though it is wanted: it is not shown until a catch-up has come.
  bool closed = false;

  std::shared_ptr<SharedFields> fields = std::make_shared<SharedFields>();
  size_t bytes = 0;                      // paths and values of `fields`
  std::shared_ptr<const ViewImpl> view;  // of this version and the pending writes; may be missing
  std::list<Copy*>::iterator place;      // in the order of use
};

class NearCache {
 public:
  enum class Outcome {
    kApplied,
    kOld,       // the copy has it already; ignored
    kGap,       // the copy lacks something before it; nothing was changed
    kReverted,  // the hub's data are older than the copy was; the copy is as the hub's now
  };

  NearCache() = default;
  NearCache(const NearCache&) = delete;
  NearCache& operator=(const NearCache&) = delete;

  // A new copy, at version 0, under a number that is not there yet. It takes the id from any older
  // life.
  Copy* Add(const std::string& id, SessionNumber number);

  // nullptr if there is none. Pointers are good until Drop or Evict.
  Copy* Find(SessionNumber number) const;
  Copy* Find(const CopyRef& ref) const;
  Copy* FindById(const std::string& id) const;
  Copy* FindByHandle(uint32_t handle) const;
  void ForEach(const std::function<void(Copy*)>& visit) const;

  // The copy answers to `id` from here on, and to its old id no more. It takes the id from any
  // other copy.
  void SetId(Copy* copy, const std::string& id);

  // 0 takes the handle away.
  void SetHandle(Copy* copy, uint32_t handle);
  void VoidHandles();
  void Drop(Copy* copy);
  // Makes the copy the most recently used one.
  void Touch(Copy* copy);

  // Applies one change that covers exactly (from, to].
  Outcome Apply(Copy* copy, Version from, Version to, const Delta& changes);
  // Installs a catch-up. It holds the newest values of all fields changed since `from`, so a copy
  // anywhere in [from, to] may take it; with `replace` any copy older than `to` may. So must a copy
  // that told the hub a version above `to`: the hub is right. A copy that came past `to` since
  // then, by changes that overtook the catch-up, ignores it.
  Outcome Install(Copy* copy, bool replace, Version from, Version to, const Delta& changes);

  // Drops copies that are not `busy` and not pinned until at most `bytes_max` are held or none is
  // left to drop; the bound is kept as far as busy copies allow. Returns the handles to close.
  // Looks at a bounded number of copies.
  std::vector<uint32_t> Evict(size_t bytes_max, const std::function<bool(const Copy&)>& busy);

  size_t bytes() const { return bytes_; }
  size_t size() const { return copies_.size(); }

 private:
  absl::flat_hash_map<SessionNumber, std::unique_ptr<Copy>> copies_;
  absl::flat_hash_map<std::string, Copy*> by_id_;
  absl::flat_hash_map<uint32_t, Copy*> by_handle_;
  std::list<Copy*> use_order_;  // most recently used first
  uint64_t last_stamp_ = 0;
  size_t bytes_ = 0;
};

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_NEAR_CACHE_H_
