// ClientMachine: a node's side of the protocol. Pure: calls, frames and times go in; frames and
// ends of calls come out. No thread, no clock, no I/O, no randomness.
//
// Whoever drives it keeps to one stream at a time: StreamUp, then Receive and TakeFrame in any
// order, then StreamDown. After every call it takes the frames and the outputs there are.
#ifndef CLIENT_CPP_SRC_CLIENT_MACHINE_H_
#define CLIENT_CPP_SRC_CLIENT_MACHINE_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cpp/src/open_requests.h"
#include "client/cpp/src/path_numbers.h"
#include "client/cpp/src/sessions.h"
#include "proto/session/ids.h"
#include "proto/session/limits.h"
#include "sessionhub/client.h"
#include "sessionhub/v1/frames.pb.h"

namespace sessionhub::client {

// What the caller of the machine hands on: ends of calls, and lines for the log sink.
struct Outputs {
  std::vector<OpenDone> opens;
  std::vector<CommitDone> commits;
  std::vector<std::pair<LogSeverity, std::string>> log;
};

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

  Token Open(const std::string& id, Create create, Version at_least_version, Time now);
  // The caller's wait has ended. A session that comes later is kept as a copy without handle.
  void ForgetOpen(Token token);

  // An error means that nothing was taken in. The token of a commit whose wait ends needs no care:
  // the change stays pending and its end is told as ever.
  absl::StatusOr<Token> Commit(const CopyRef& ref, Delta delta);

  // FailedPrecondition if this client must stay away, NotFound if the session has ended,
  // Unavailable if the copy may be older than stale_max, or than the hub's lease.
  absl::StatusOr<std::shared_ptr<const ViewImpl>> Read(const CopyRef& ref, Time now);
  // What an Edit begins with; nullptr if the session has ended.
  std::shared_ptr<const ViewImpl> ReadAnyAge(const CopyRef& ref);

  // Session handles hold their copy in the near cache.
  void Unpin(const CopyRef& ref);

  // No call will come any more: everything that waits ends, commits as Unknown.
  void Close(const absl::Status& why);

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
  size_t unanswered() const { return sessions_.writes().unanswered(); }
  // Half of what the hub allows, so that a late timer does no harm.
  std::chrono::milliseconds heartbeat() const { return heartbeat_; }
  ClientStats stats() const;

 private:
  enum class Phase { kDown, kAttaching, kAttached };

  std::chrono::milliseconds stale_max() const { return std::min(options_.stale_max, lease_); }
  bool Fresh(const Copy& copy, Time now) const;
  absl::Status CheckWireSize(const Delta& delta) const;

  void OnAttached(const v1::Attached& attached);
  void ResumeCopies();
  void ReopenCopies();
  void CloseAgain();
  void ForgetCloses();
  void OnGoodbye(const v1::Goodbye& goodbye);
  void OnItem(const v1::Item& item);
  void OnAnswer(const v1::Item& item);
  void OnOpened(const v1::Item& item);
  void OnOpenRefused(OpenRequest request, const Refusal& refusal);
  void OnEnded(Copy* copy, const v1::Ended& ended);
  void OnForward(Copy* copy, const v1::Item& item);
  void OnCatchUp(Copy* copy, const v1::Item& item);
  bool DecodeOps(const google::protobuf::RepeatedPtrField<v1::Op>& ops, Delta* delta) const;

  void FillHello(v1::NodeFrame* frame);
  void TakeWishes();
  void FillCloses(v1::NodeFrame* frame);
  size_t FillOpens(v1::NodeFrame* frame, size_t bytes);
  size_t FillResumes(v1::NodeFrame* frame, size_t bytes);
  void FillDeltas(v1::NodeFrame* frame, size_t bytes);
  void EncodeDelta(const PendingWrite& write, v1::NodeFrame* frame);
  void FailOpens(const std::vector<Token>& tokens, const absl::Status& why);
  void Log(LogSeverity severity, std::string line);

  const Options options_;
  Sessions sessions_;
  OpenRequests opens_;
  Token last_token_ = 0;
  absl::Status standing_;

  // Of the incarnation.
  Incarnation incarnation_{};
  bool has_incarnation_ = false;
  bool known_before_ = false;
  bool hello_unanswered_ = false;
  std::string history_id_;  // empty: never attached

  // Of the hub last attached to.
  Limits limits_;
  std::chrono::milliseconds heartbeat_{1'000};
  // A node unheard for this long has no interest at the hub any more, so its copies may be old.
  std::chrono::milliseconds lease_ = std::chrono::milliseconds::max();

  // Of the lease: handles whose close was sent and may not have been read. Sent again on the next
  // stream; one that the hub has given anew is out, for its close was read. At most as many as
  // handles were held at one time.
  std::set<uint32_t> closed_;

  // Of the present stream.
  Phase phase_ = Phase::kDown;
  bool hello_sent_ = false;
  bool lease_known_ = false;  // lease_held would speak of the handles that the copies have
  bool wants_reconnect_ = false;
  PathNumbers paths_;
  uint64_t last_answered_seq_ = 0;
  uint64_t told_seen_through_ = 0;
  std::vector<SessionNumber> resumes_;  // to be sent; from resumes_sent_ on
  size_t resumes_sent_ = 0;
  std::vector<uint32_t> closes_;  // to be sent
  Time sent_at_;
  Time ticked_at_;
  std::chrono::nanoseconds silent_{0};  // time in which this side listened and heard nothing

  ClientStats counts_;
  std::vector<std::pair<LogSeverity, std::string>> log_;
};

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_CLIENT_MACHINE_H_
