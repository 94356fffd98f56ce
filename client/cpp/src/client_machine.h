// ClientMachine: a node's side of the protocol. Pure: calls, frames and times go in; frames come
// out; no thread, clock, I/O or randomness. Long: it declares all that can happen to a node.
//
// Whoever drives it keeps to one stream at a time: StreamUp, then Receive and TakeFrame in any
// order, then StreamDown. After every call it takes the frames and the outputs there are.
#ifndef CLIENT_CPP_SRC_CLIENT_MACHINE_H_
#define CLIENT_CPP_SRC_CLIENT_MACHINE_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cpp/src/id_changes.h"
#include "client/cpp/src/lock_requests.h"
#include "client/cpp/src/open_requests.h"
#include "client/cpp/src/outputs.h"
#include "client/cpp/src/path_numbers.h"
#include "client/cpp/src/sessions.h"
#include "client/cpp/src/touches.h"
#include "proto/session/ids.h"
#include "proto/session/limits.h"
#include "sessionhub/client.h"
#include "sessionhub/v1/frames.pb.h"

namespace sessionhub::client {

class ClientMachine {
 public:
  struct Options {
    std::string app;
    std::string node_name;
    size_t pending_bytes_max = 0;
    size_t near_cache_bytes_max = 0;
    std::chrono::milliseconds stale_max{0};
  };

  // How long a stream may stand without Attached before it is given up.
  static constexpr std::chrono::milliseconds kAttachWaitMax{5'000};

  explicit ClientMachine(Options options);
  ClientMachine(const ClientMachine&) = delete;
  ClientMachine& operator=(const ClientMachine&) = delete;

  // ---- calls; each returned or given token ends exactly once in Outputs, unless it is forgotten
  // ----

  // `settings` are those of a session that this creates.
  Token Open(const std::string& id, Create create, Version at_least_version, Time now,
             Interest interest = Interest::kPush, const Settings& settings = {});
  // The caller's wait has ended. A session that comes later is kept as a copy without handle.
  void ForgetOpen(Token token);

  // An error means that nothing was taken in. The token of a commit whose wait ends needs no care:
  // the change stays pending and its end is told as ever.
  // `splices` may go out in place of puts of `delta`, to a hub that knows them.
  absl::StatusOr<Token> Commit(const CopyRef& ref, Delta delta, Ack ack = Ack::kDurable,
                               Splices splices = {});
  // A commit on this session was refused without coming here.
  void NoteRefused(const CopyRef& ref) { sessions_.NoteRefused(ref); }
  // See Sessions.
  std::optional<Committed> GiveUpDelivery(Token token) { return sessions_.GiveUpDelivery(token); }

  // An error means that nothing was taken in. As for a commit, a wait that ends changes nothing.
  absl::StatusOr<Token> ChangeId(const CopyRef& ref, const std::string& id,
                                 std::chrono::milliseconds alias_window);
  // The id that the session has, as far as this node knows; nothing if there is no copy.
  std::optional<std::string> IdOf(const CopyRef& ref) const;

  // An error means that nothing was taken in. Whoever does not wait any more forgets the token.
  absl::StatusOr<Token> Lock(const CopyRef& ref, const LockWish& wish, Time now);
  void ForgetLock(Token token) { locks_.Forget(token); }
  // The hub is told once the commits under the lock are answered; again after a cut before `until`.
  void Unlock(const CopyRef& ref, uint64_t lock_token, Time until);
  // On this stream; the hub may not have read them.
  bool has_told_unlocks() const { return locks_.HasTold(); }

  // The strongest that was asked for the copy; kNone if there is none.
  Interest InterestOf(const CopyRef& ref) const;

  // FailedPrecondition if this client must stay away, NotFound if the session has ended,
  // Unavailable if the copy may be older than stale_max, or than the hub's lease.
  absl::StatusOr<std::shared_ptr<const ViewImpl>> Read(const CopyRef& ref, Time now,
                                                       bool allow_stale = false);
  // What an Edit begins with; nullptr if the session has ended.
  std::shared_ptr<const ViewImpl> ReadAnyAge(const CopyRef& ref);

  // NotFound if there is no copy, FailedPrecondition while it is being opened.
  absl::Status Evict(const std::string& id);

  // Notes one subscription more; NotFound if the session has ended. And one less.
  absl::Status Watch(const CopyRef& ref);
  void Unwatch(const CopyRef& ref) { sessions_.Watch(ref, false); }

  // Session handles hold their copy in the near cache.
  void Unpin(const CopyRef& ref);

  // The stream will end: from now on a frame goes out for "answers seen" alone, so that the hub
  // need not keep what it has decided for this node. False if there is nothing left to tell.
  bool Leave();
  // No call will come any more: everything that waits ends, commits as Unknown. With `lost`,
  // watchers are told that they hear no more.
  void Close(const absl::Status& why, bool lost);

  // ---- the stream ----

  // A new stream stands. `fresh` is 16 random bytes; they become the incarnation if there is none.
  void StreamUp(const Incarnation& fresh, Time now);
  void Receive(const v1::HubFrame& frame, Time now);
  void StreamDown();
  // Time has passed. To be called a few times in each heartbeat; a late tick is not held against
  // the hub.
  void Tick(Time now);

  // The next frame to send. False if there is nothing to send now.
  bool TakeFrame(v1::NodeFrame* frame, Time now);
  Outputs TakeOutputs();

  // The driver is to end this stream and come back.
  bool wants_reconnect() const { return wants_reconnect_; }
  // Not OK once the hub has told this client to stay away; every call then answers this.
  const absl::Status& standing() const { return standing_; }
  bool attached() const { return phase_ == Phase::kAttached; }
  // Why the hub holds back what this node sent, for people; "" if it does not.
  const std::string& growth_waits() const { return growth_waits_; }
  size_t unanswered() const { return sessions_.writes().unanswered(); }
  // Half of what the hub allows, so that a late timer does no harm.
  std::chrono::milliseconds heartbeat() const { return heartbeat_; }
  // When TakeFrame has a frame though nothing has happened; later than now: not yet.
  Time urgent_at() const {
    return attached() && agreed(v1::FEATURE_LIFE) ? touches_.urgent_at() : Time::max();
  }
  ClientStats stats() const;

 private:
  enum class Phase { kDown, kAttaching, kAttached };

  std::chrono::milliseconds stale_max() const { return std::min(options_.stale_max, lease_); }
  bool Fresh(const Copy& copy, Time now) const;
  absl::Status WhyOld(const Copy& copy) const;
  bool agreed(v1::Feature feature) const { return (features_ & feature) != 0; }
  // Whether the hub is asked for invalidations for this.
  bool Invalidates(Interest interest) const {
    return interest == Interest::kInvalidate && agreed(v1::FEATURE_INVALIDATE);
  }
  absl::Status CheckWireSize(const Delta& delta) const;
  absl::Status CheckSettingsHere(const Settings& settings) const;

  std::chrono::nanoseconds SilentMax() const;
  void OnAttached(const v1::Attached& attached);
  void ResumeCopies();
  void ReopenCopies();
  void CloseAgain();
  void ForgetCloses();
  void OnGoodbye(const v1::Goodbye& goodbye);
  void OnGrowthWaits(const std::string& why);
  void OnItem(const v1::Item& item, Time now);
  void OnAnswer(const v1::Item& item);
  void OnOpened(const v1::Item& item);
  void OnOpenRefused(OpenRequest request, const Refusal& refusal);
  void OnEnded(Copy* copy, const v1::Item& item);
  void OnForward(Copy* copy, const v1::Item& item);
  void OnCatchUp(Copy* copy, const v1::Item& item);
  void OnInvalidated(Copy* copy, const v1::Item& item);
  void OnRefused(PendingWrite* write, const Refusal& refusal);
  void EndWrites(const absl::Status& why, bool restart);
  void GiveReceipt(const Copy& copy, const v1::Item& item);
  void OnRequestAnswer(const v1::Answer& answer, Time now);
  absl::Status CheckLocks() const;
  bool HasWritesUnder(const LockReturn& lock) const;
  void OnLockAnswer(const v1::Answer& answer, Time now);
  bool Lags(const LockRequest& request) const;
  void TellLocks(Time now);
  void EndLocks(const absl::Status& why);
  absl::Status CheckChangesIds() const;
  void AskInterest(Copy* copy);
  void EndIdChanges(const std::vector<Token>& tokens, const absl::Status& status);
  bool DecodeOps(const google::protobuf::RepeatedPtrField<v1::Op>& ops, Delta* delta) const;

  void FillHello(v1::NodeFrame* frame);
  void HideCopies();
  void TakeWishes();
  void FillReceipts(v1::NodeFrame* frame);
  void FillCloses(v1::NodeFrame* frame);
  size_t FillOpens(v1::NodeFrame* frame, size_t bytes);
  size_t FillResumes(v1::NodeFrame* frame, size_t bytes);
  const char* NotAgreed(const Delta& delta) const;
  void FillDeltas(v1::NodeFrame* frame, size_t bytes, Time now);
  size_t FillRenames(v1::NodeFrame* frame, size_t bytes);
  void FillLocks(v1::NodeFrame* frame, Time now);
  bool IsFull(const v1::NodeFrame& frame) const;
  void FillTouches(v1::NodeFrame* frame, Time now);
  void EncodeWrite(const PendingWrite& write, v1::NodeFrame* frame);
  void FailOpens(const std::vector<Token>& tokens, const absl::Status& why);
  void Log(LogSeverity severity, std::string line);

  const Options options_;
  Sessions sessions_;
  Touches touches_;
  OpenRequests opens_;
  IdChanges id_changes_;
  std::vector<IdChangeDone> id_changes_done_;
  LockRequests locks_;
  std::vector<LockDone> locks_done_;
  Token last_token_ = 0;
  absl::Status standing_;

  // Of the incarnation.
  Incarnation incarnation_{};
  bool has_incarnation_ = false;
  bool known_before_ = false;
  std::string history_id_;  // empty: never attached

  // Longer than any hub's lease or heartbeat; its multiples in nanoseconds stay within their type.
  static constexpr std::chrono::hours kHubTimeMax{24 * 366};

  // Of the hub last attached to.
  uint64_t features_ = 0;  // sum of v1::Feature, agreed
  Limits limits_;
  std::chrono::milliseconds heartbeat_{1'000};
  // A node unheard for this long has no interest at the hub any more, so its copies may be old.
  std::chrono::milliseconds lease_ = kHubTimeMax;

  // Of the lease: an Open was not answered when the last stream ended, so the hub may have given a
  // handle that this side has not heard of. Nobody would ever close it, and the hub would wait for
  // this node's word on it; so the next Hello asks for another lease.
  bool handles_unknown_ = false;
  // Also of it: handles whose close was sent and may not have been read. Sent again on the next
  // stream; one that an Open sent later was given is out, for its close was read. At most as many
  // as handles were held at one time.
  std::map<uint32_t, uint64_t> closed_;  // to the number of the frame that closed it
  uint64_t last_frame_ = 0;              // counts all frames of all streams

  // Of the present stream.
  Phase phase_ = Phase::kDown;
  bool hello_sent_ = false;
  bool leaving_ = false;
  bool wants_reconnect_ = false;
  PathNumbers paths_;
  uint64_t last_answered_seq_ = 0;
  uint64_t told_seen_through_ = 0;
  std::string growth_waits_;
  std::vector<SessionNumber> resumes_;  // to be sent; from resumes_sent_ on
  size_t resumes_sent_ = 0;
  std::vector<uint32_t> closes_;       // to be sent
  std::vector<v1::Receipt> receipts_;  // to be sent
  Time sent_at_;
  Time ticked_at_;
  std::chrono::nanoseconds silent_{0};  // time in which this side listened and heard nothing

  ClientStats counts_;
  std::vector<std::pair<LogSeverity, std::string>> log_;
};

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_CLIENT_MACHINE_H_
