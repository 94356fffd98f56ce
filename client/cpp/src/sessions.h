// Sessions: this node's copies and the pending writes over them, and the rules by which the events
// of the hub's lane change both. Pure; knows versions and deltas, but no frames and no stream.
//
// A View is a copy's confirmed fields and, over them, this node's own writes that the copy does not
// include yet, in order. Each own write is in a View exactly once at any time: the step that brings
// it into the copy takes it out of the writes shown.
#ifndef CLIENT_CPP_SRC_SESSIONS_H_
#define CLIENT_CPP_SRC_SESSIONS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "client/cpp/src/near_cache.h"
#include "client/cpp/src/pending_writes.h"
#include "proto/session/refusal.h"
#include "sessionhub/session.h"
#include "sessionhub/v1/frames.pb.h"

namespace sessionhub::client {

// How a call that waits has ended.
struct OpenDone {
  Token token = 0;
  absl::StatusOr<CopyRef> copy;  // pinned once if OK: the receiver owns the pin
};
struct CommitDone {
  Token token = 0;
  Committed committed;
};

struct CopyEvent {
  CopyRef copy;
  Event event;
};

// What the hub is to be told because of what happened to copies.
struct Wishes {
  std::vector<SessionNumber> resumes;  // copies that lack something
  std::vector<SessionNumber> reopens;  // copies whose handle the hub does not know
  std::vector<uint32_t> closes;        // handles that are free again
};

class Sessions {
 public:
  // Commits at Ack::kDelivered that wait.
  static constexpr size_t kDeliveriesMax = 4096;

  // One catch-up item.
  struct CatchUpPart {
    bool first = false;
    bool replace = false;
    bool more = false;
    bool behind = false;  // the next catch-up follows by itself
    uint64_t included_seq = 0;
    Version from = 0;
    Version to = 0;
    Delta changes;
  };

  Sessions(size_t near_cache_bytes_max, size_t pending_bytes_max)
      : near_cache_bytes_max_(near_cache_bytes_max), writes_(pending_bytes_max) {}

  NearCache& cache() { return cache_; }
  const NearCache& cache() const { return cache_; }
  PendingWrites& writes() { return writes_; }
  const PendingWrites& writes() const { return writes_; }

  // When the hub was heard last.
  void Heard(Time now) { heard_at_ = now; }
  Time heard_at() const { return heard_at_; }
  // The time at which the copy was the newest this node could know.
  Time FreshAt(const Copy& copy) const {
    return copy.state == Copy::State::kLive ? heard_at_ : copy.fresh_at;
  }

  // NotFound if the copy is no more; ResourceExhausted if the write does not fit, or kDeliveriesMax
  // commits wait for delivery; PREVIOUS_REFUSED (refusal.h) after one that was refused.
  absl::Status Commit(Token token, const CopyRef& ref, Delta delta, Ack ack, Splices splices);
  // A commit was refused before it came here; it is the previous one of what comes next.
  void NoteRefused(const CopyRef& ref);
  std::shared_ptr<const ViewImpl> ViewOf(Copy* copy);

  // The hub gave `handle` to the session `number`; `waiters` are told when its catch-up is
  // installed. An older life under this id ends.
  void Opened(const std::string& id, SessionNumber number, uint32_t handle,
              std::vector<Token> waiters, Interest interest = Interest::kPush);
  void Wait(Copy* copy, Token token) { waiters_[copy->ref.number].push_back(token); }
  void ForgetWaiter(Token token);

  void Forwarded(Copy* copy, Version from, Version to, const Delta& changes);
  // False if the hub's data turn out to be older than the copy was.
  bool CaughtUp(Copy* copy, CatchUpPart part);
  // The version to tell the hub of this copy.
  static Version Tell(Copy* copy);
  // What the hub told about a copy could not be understood, or tells only that it is behind.
  void Missed(Copy* copy, Version version_known);
  // The session is at `version`; the hub tells no more of it until it is asked.
  void Invalidated(Copy* copy, Version version);
  // Ends interest in it; the copy is dropped unless something still uses it.
  void EndInterest(Copy* copy);
  // True if a caller waits for this copy.
  bool IsAwaited(const Copy& copy) const { return waiters_.contains(copy.ref.number); }
  // The life of the session is over.
  void Ended(Copy* copy, Event::Kind how = Event::Kind::kDeleted);
  // The session lives, and the hub cannot read it: its copy goes, and whoever waits for it is told.
  void Unreadable(Copy* copy);
  // The session has another id.
  void Renamed(Copy* copy, const std::string& new_id);
  // One subscription more; or less. False if the copy is no more.
  bool Watch(const CopyRef& ref, bool watched);
  // The hub does not know the handle of this copy; if `doubtful`, it may, or for another session.
  void HandleLost(Copy* copy, bool doubtful = false);

  // The three answers to a write; `write` must not be used afterwards.
  void Applied(PendingWrite* write, Version from, Version to);
  void AlreadyApplied(PendingWrite* write, Version version);
  // How many commits have ended: none if it is sent again, more if others depend on it.
  int Refused(PendingWrite* write, const Refusal& refusal);

  // The hub has every write up to `seq` in its shards.
  void Received(uint64_t seq);
  // What became of the delivery of an applied write.
  void Delivered(uint64_t seq, const v1::Delivered& delivered);
  // The caller waits for the delivery no longer. How his commit ends, if that is all it waits for.
  std::optional<Committed> GiveUpDelivery(Token token);

  // The stream broke: copies wait for a new one, half-received catch-ups are dropped.
  void Cut();
  // All pending writes end Unknown; with `restart` their numbers begin again. Returns how many.
  size_t EndWrites(const absl::Status& why, bool restart);
  // All copies are dropped; who waits for one gets `why`. With `lost`, watchers are told.
  void DropCopies(const absl::Status& why, bool lost);

  // Drops what the near cache may not hold any more. `asked(id)`: an Open is on its way.
  void Evict(const std::function<bool(const std::string&)>& asked);
  void Unpin(const CopyRef& ref);

  Wishes TakeWishes() { return std::exchange(wishes_, {}); }
  // Handles that the hub has forgotten need no closing.
  void VoidHandles() {
    cache_.VoidHandles();
    wishes_.closes.clear();
  }
  std::vector<OpenDone> TakeOpenDone() { return std::exchange(open_done_, {}); }
  std::vector<CopyEvent> TakeEvents() { return std::exchange(events_, {}); }
  std::vector<CommitDone> TakeCommitDone() { return std::exchange(commit_done_, {}); }
  void Finish(OpenDone done) { open_done_.push_back(std::move(done)); }
  void Finish(CommitDone done) { commit_done_.push_back(std::move(done)); }
  void FinishWaiters(Copy* copy);
  // Ends an Open with this copy and pins it for the receiver.
  void FinishOpen(Token token, Copy* copy);

  uint64_t resyncs() const { return resyncs_; }

 private:
  void Note(const Copy& copy, Event::Kind kind, Version from, Version to);
  void Gap(Copy* copy, Version version_known);
  void Ask(Copy* copy);
  void CloseHandle(Copy* copy);
  void DropIncluded(Copy* copy, uint64_t included_seq);
  void ApplyAnswered(Copy* copy);
  void DropAnswered(Copy* copy);
  void Settle(PendingWrite* write);
  void Install(PendingWrite* write);
  void Tell(const PendingWrite& write, Committed committed);
  void TellApplied(const PendingWrite& write, Version version);
  void EndDeliveries();
  int RefusedForGood(PendingWrite* write, const Refusal& refusal);
  PendingWrite* Neighbour(const PendingWrite& write, ptrdiff_t distance) const;
  bool MayRepeat(const PendingWrite& write, v1::RefusalReason reason) const;
  void Overtaken(const PendingWrite& write, Version to);
  void RepeatWaiting(SessionNumber session);
  void FailWaiters(SessionNumber session, const absl::Status& why);

  const size_t near_cache_bytes_max_;
  NearCache cache_;
  PendingWrites writes_;
  absl::flat_hash_map<SessionNumber, std::vector<Token>> waiters_;  // for a catch-up
  Time heard_at_;
  uint64_t resyncs_ = 0;
  Wishes wishes_;
  std::vector<OpenDone> open_done_;
  std::vector<CommitDone> commit_done_;
  std::vector<CopyEvent> events_;  // of copies that are watched
  // Applied writes whose callers wait until other nodes have them, by seq.
  std::map<uint64_t, CommitDone> undelivered_;
  size_t deliveries_ = 0;  // those, and writes that will be once they are applied
};

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_SESSIONS_H_
