// Sessions: this node's copies and the pending writes over them, and the rules by which the events
// of the hub's lane change both. Pure; knows versions and deltas, but no frames and no stream.
//
// A View is a copy's confirmed fields and, over them, this node's own writes that the copy does not
// include yet, in order. Each own write is in a View exactly once at any time: the step that brings
// it into the copy takes it out of the writes shown.
#ifndef CLIENT_CPP_SRC_SESSIONS_H_
#define CLIENT_CPP_SRC_SESSIONS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "client/cpp/src/near_cache.h"
#include "client/cpp/src/pending_writes.h"
#include "proto/session/refusal.h"
#include "sessionhub/session.h"

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

// What the hub is to be told because of what happened to copies.
struct Wishes {
  std::vector<SessionNumber> resumes;  // copies that lack something
  std::vector<SessionNumber> reopens;  // copies whose handle the hub does not know
  std::vector<uint32_t> closes;        // handles that are free again
};

class Sessions {
 public:
  // One catch-up item.
  struct CatchUpPart {
    bool replace = false;
    bool more = false;
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
  // The time at which the copy was the newest this node could know.
  Time FreshAt(const Copy& copy) const {
    return copy.state == Copy::State::kLive ? heard_at_ : copy.fresh_at;
  }

  // NotFound if the copy is no more; ResourceExhausted if the write does not fit.
  absl::Status Commit(Token token, const CopyRef& ref, Delta delta);
  std::shared_ptr<const ViewImpl> ViewOf(Copy* copy);

  // The hub gave `handle` to the session `number`; `waiters` are told when its catch-up is
  // installed. An older life under this id ends.
  void Opened(const std::string& id, SessionNumber number, uint32_t handle,
              std::vector<Token> waiters);
  void Wait(Copy* copy, Token token) { waiters_[copy->ref.number].push_back(token); }
  void ForgetWaiter(Token token);

  void Forwarded(Copy* copy, Version from, Version to, const Delta& changes);
  // False if the hub's data turn out to be older than the copy was.
  bool CaughtUp(Copy* copy, CatchUpPart part);
  // The version to tell the hub of this copy.
  static Version Tell(Copy* copy);
  // What the hub told about a copy could not be understood, or tells only that it is behind.
  void Missed(Copy* copy, Version version_known);
  // The life of the session is over.
  void Ended(Copy* copy);
  // The hub does not know the handle of this copy.
  void HandleLost(Copy* copy);

  // The three answers to a write; `write` must not be used afterwards.
  void Applied(PendingWrite* write, Version from, Version to);
  void AlreadyApplied(PendingWrite* write, Version version);
  void Refused(PendingWrite* write, const Refusal& refusal);

  // The stream broke: copies wait for a new one, half-received catch-ups are dropped.
  void Cut();
  // All pending writes end Unknown; with `restart` their numbers begin again.
  void EndWrites(const absl::Status& why, bool restart);
  // All copies are dropped; who waits for one gets `why`.
  void DropCopies(const absl::Status& why);

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
  std::vector<CommitDone> TakeCommitDone() { return std::exchange(commit_done_, {}); }
  void Finish(OpenDone done) { open_done_.push_back(std::move(done)); }
  void Finish(CommitDone done) { commit_done_.push_back(std::move(done)); }
  // Ends an Open with this copy and pins it for the receiver.
  void FinishOpen(Token token, Copy* copy);

  uint64_t resyncs() const { return resyncs_; }

 private:
  void Gap(Copy* copy, Version version_known);
  void Ask(Copy* copy);
  void DropIncluded(Copy* copy, uint64_t included_seq);
  void ApplyAnswered(Copy* copy);
  void DropAnswered(Copy* copy);
  void Settle(PendingWrite* write);
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
};

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_SESSIONS_H_
