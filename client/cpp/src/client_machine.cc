#include "client/cpp/src/client_machine.h"

#include <algorithm>

#include "proto/session/wire.h"

namespace sessionhub::client {
namespace {

constexpr uint32_t kProtocolVersion = 1;
// Room in a frame for what is counted only roughly: tags, lengths, the fixed fields.
constexpr size_t kFrameSlackBytes = 4096;
constexpr size_t kHandleBytesMax = 5;
constexpr int kSilentHeartbeats = 3;
// So that sums of times stay within their type.
constexpr uint64_t kLeaseMsMax = 1'000'000'000'000;

v1::CreateMode WireOf(Create create) {
  switch (create) {
    case Create::kNever:
      return v1::CREATE_NEVER;
    case Create::kIfMissing:
      return v1::CREATE_IF_MISSING;
    case Create::kExclusive:
      return v1::CREATE_EXCLUSIVE;
  }
  return v1::CREATE_NEVER;
}

bool ComesBack(v1::Goodbye::Why why) {
  return why == v1::Goodbye::DRAINING || why == v1::Goodbye::SILENT || why == v1::Goodbye::BUSY;
}

}  // namespace

ClientMachine::ClientMachine(Options options)
    : options_(std::move(options)),
      sessions_(options_.near_cache_bytes_max, options_.pending_bytes_max) {}

// ---- calls ----

bool ClientMachine::Fresh(const Copy& copy, Time now) const {
  return now - sessions_.FreshAt(copy) <= stale_max();
}

Token ClientMachine::Open(const std::string& id, Create create, Version at_least_version,
                          Time now) {
  const Token token = ++last_token_;
  absl::Status status = standing_.ok() ? CheckId(id, limits_) : standing_;
  if (!status.ok()) {
    sessions_.Finish(OpenDone{token, std::move(status)});
    return token;
  }
  Copy* copy = sessions_.cache().FindById(id);
  if (copy && create != Create::kExclusive) {
    if (copy->version > 0 && copy->version >= at_least_version && Fresh(*copy, now)) {
      sessions_.FinishOpen(token, copy);
      return token;
    }
    if (copy->state == Copy::State::kAwaiting && at_least_version == 0) {
      sessions_.Wait(copy, token);
      return token;
    }
  }
  // An answer on its way may be older than the version that this caller has seen.
  OpenRequest* request = opens_.FindShareable(id, create, at_least_version > 0);
  if (!request) {
    const bool held = copy && create != Create::kExclusive;
    request = opens_.Add(id, create, held ? copy->ref.number : 0);
  }
  request->waiters.push_back(token);
  return token;
}

void ClientMachine::ForgetOpen(Token token) {
  opens_.Forget(token);
  sessions_.ForgetWaiter(token);
}

// A delta that fits no frame could never be sent, and would hold up everything behind it.
absl::Status ClientMachine::CheckWireSize(const Delta& delta) const {
  const size_t frame_bytes_max = limits_.frame_bytes_max;
  if (2 * delta.SizeBytes() + 32 * delta.operations.size() + kFrameSlackBytes <= frame_bytes_max) {
    return absl::OkStatus();
  }
  v1::Delta wire;
  for (const Operation& operation : delta.operations) {
    EncodeOp(
        operation, [](const Path&) { return 0u; }, wire.add_ops());
  }
  if (wire.ByteSizeLong() + kFrameSlackBytes <= frame_bytes_max) return absl::OkStatus();
  return absl::ResourceExhaustedError("commit takes " + std::to_string(wire.ByteSizeLong()) +
                                      " bytes on the wire, over the hub's " + "frame_bytes_max = " +
                                      std::to_string(frame_bytes_max) + ": split it");
}

absl::StatusOr<Token> ClientMachine::Commit(const CopyRef& ref, Delta delta) {
  if (!standing_.ok()) return standing_;
  if (!delta.deletes_session) {
    if (absl::Status status = CheckDelta(delta, limits_); !status.ok()) return status;
    if (absl::Status status = CheckWireSize(delta); !status.ok()) return status;
  }
  const Token token = ++last_token_;
  if (absl::Status status = sessions_.Commit(token, ref, std::move(delta)); !status.ok()) {
    return status;
  }
  return token;
}

absl::StatusOr<std::shared_ptr<const ViewImpl>> ClientMachine::Read(const CopyRef& ref, Time now) {
  if (!standing_.ok()) return standing_;
  Copy* copy = sessions_.cache().Find(ref);
  if (!copy) return absl::NotFoundError("the session has ended: open its id again");
  if (!Fresh(*copy, now)) {
    return absl::UnavailableError("nothing was heard from the hub for " +
                                  std::to_string(stale_max().count()) +
                                  " ms, the shorter of stale_max and the hub's lease: the copy may "
                                  "be old");
  }
  sessions_.cache().Touch(copy);
  return sessions_.ViewOf(copy);
}

std::shared_ptr<const ViewImpl> ClientMachine::ReadAnyAge(const CopyRef& ref) {
  Copy* copy = sessions_.cache().Find(ref);
  return copy ? sessions_.ViewOf(copy) : nullptr;
}

void ClientMachine::Unpin(const CopyRef& ref) {
  sessions_.Unpin(ref);
  sessions_.Evict([this](const std::string& id) { return opens_.Concerns(id); });
}

void ClientMachine::Close(const absl::Status& why) {
  standing_ = why;
  FailOpens(opens_.Clear(), why);
  sessions_.DropCopies(why);
  sessions_.EndWrites(why, /*restart=*/false);
}

// ---- the stream ----

void ClientMachine::StreamUp(const Incarnation& fresh, Time now) {
  if (!has_incarnation_) {
    incarnation_ = fresh;
    has_incarnation_ = true;
    known_before_ = false;
  }
  phase_ = Phase::kAttaching;
  // A Hello without an Attached may have begun a lease whose handles this side never heard of; then
  // "the lease is held" does not speak of the handles held here.
  lease_known_ = !hello_unanswered_;
  hello_sent_ = false;
  wants_reconnect_ = false;
  last_answered_seq_ = 0;
  told_seen_through_ = 0;
  resumes_.clear();
  resumes_sent_ = 0;
  sent_at_ = ticked_at_ = now;
  silent_ = std::chrono::nanoseconds(0);
}

void ClientMachine::StreamDown() {
  if (phase_ == Phase::kAttached) Log(LogSeverity::kWarning, "the stream to the hub is cut");
  phase_ = Phase::kDown;
  wants_reconnect_ = false;
  sessions_.Cut();
  FailOpens(opens_.Cut(), absl::UnavailableError(
                              "the hub was lost while it created this session: it may exist now"));
}

void ClientMachine::Tick(Time now) {
  const auto passed = now - ticked_at_;
  ticked_at_ = now;
  if (phase_ == Phase::kDown) return;
  silent_ += std::min<std::chrono::nanoseconds>(passed, heartbeat_);
  const std::chrono::nanoseconds silent_max =
      attached() ? std::chrono::nanoseconds(kSilentHeartbeats * 2 * heartbeat_) : kAttachWaitMax;
  if (silent_ > silent_max && !wants_reconnect_) {
    Log(LogSeverity::kWarning, "the hub is silent: connecting anew");
    wants_reconnect_ = true;
  }
}

void ClientMachine::Receive(const v1::HubFrame& frame, Time now) {
  if (phase_ == Phase::kDown || wants_reconnect_ || !standing_.ok()) return;
  silent_ = std::chrono::nanoseconds(0);
  if (phase_ == Phase::kAttaching && frame.has_attached()) OnAttached(frame.attached());
  if (attached() && !wants_reconnect_) {
    sessions_.Heard(now);
    paths_.Define(frame.paths());
    for (const v1::Item& item : frame.items()) OnItem(item);
    sessions_.Evict([this](const std::string& id) { return opens_.Concerns(id); });
  }
  if (frame.has_goodbye()) OnGoodbye(frame.goodbye());
}

void ClientMachine::OnAttached(const v1::Attached& attached) {
  if (attached.has_limits()) limits_ = DecodeLimits(attached.limits());
  if (attached.heartbeat_ms() > 0) {
    heartbeat_ = std::chrono::milliseconds(std::max<uint64_t>(1, attached.heartbeat_ms() / 2));
  }
  if (attached.lease_ms() > 0) {
    lease_ = std::chrono::milliseconds(std::min<uint64_t>(attached.lease_ms(), kLeaseMsMax));
  }
  if (!history_id_.empty() && history_id_ != attached.history_id()) {
    const absl::Status why = absl::UnavailableError(
        "the hub has another data folder, and cannot tell what became of this: open sessions "
        "again");
    Log(LogSeverity::kError, "the hub has another history: copies are dropped");
    sessions_.DropCopies(why);
    sessions_.EndWrites(why, /*restart=*/false);
  }
  history_id_ = attached.history_id();
  hello_unanswered_ = false;
  if (attached.incarnation_ended()) {
    sessions_.EndWrites(absl::UnavailableError("the hub's resend horizon has passed"),
                        /*restart=*/true);
    has_incarnation_ = false;
    wants_reconnect_ = true;
    return;
  }
  phase_ = Phase::kAttached;
  known_before_ = true;
  ++counts_.attaches;
  paths_.Reset(limits_.path_definitions_max);
  Log(LogSeverity::kInfo, "attached to the hub");
  attached.lease_held() ? CloseAgain() : ForgetCloses();
  attached.lease_held() && lease_known_ ? ResumeCopies() : ReopenCopies();
}

// Closes go before all Opens of this stream, so none of these handles has been given anew. To close
// one that is not held is no error.
void ClientMachine::CloseAgain() {
  TakeWishes();
  closes_.insert(closes_.end(), closed_.begin(), closed_.end());
  closed_.clear();
}

void ClientMachine::ForgetCloses() {
  closes_.clear();
  closed_.clear();
}

void ClientMachine::ResumeCopies() {
  sessions_.cache().ForEach([this](Copy* copy) {
    copy->state = Copy::State::kAwaiting;
    if (copy->handle != 0) {
      resumes_.push_back(copy->ref.number);
    } else if (!opens_.FindByNumber(copy->id, copy->ref.number)) {
      opens_.Add(copy->id, Create::kNever, copy->ref.number);
    }
  });
}

void ClientMachine::ReopenCopies() {
  sessions_.VoidHandles();
  sessions_.cache().ForEach([this](Copy* copy) {
    copy->state = Copy::State::kAwaiting;
    if (!opens_.FindByNumber(copy->id, copy->ref.number)) {
      opens_.Add(copy->id, Create::kNever, copy->ref.number);
    }
  });
}

void ClientMachine::OnGoodbye(const v1::Goodbye& goodbye) {
  wants_reconnect_ = true;
  if (ComesBack(goodbye.why())) {
    Log(LogSeverity::kInfo, "the hub says goodbye (" + v1::Goodbye::Why_Name(goodbye.why()) + ")");
    return;
  }
  const std::string line = "the hub told this client to stay away (" +
                           v1::Goodbye::Why_Name(goodbye.why()) + "): " + goodbye.message();
  Log(LogSeverity::kError, line);
  Close(absl::FailedPreconditionError(line));
}

// ---- frames out ----

bool ClientMachine::TakeFrame(v1::NodeFrame* frame, Time now) {
  frame->Clear();
  if (phase_ == Phase::kAttaching && !hello_sent_) {
    FillHello(frame);
    hello_sent_ = hello_unanswered_ = true;
    sent_at_ = now;
    return true;
  }
  if (!attached() || wants_reconnect_) return false;
  TakeWishes();
  if (!closes_.empty()) {
    // By themselves: a frame's Opens take effect before its closes, and one of them may open again
    // what is closed here.
    FillCloses(frame);
  } else {
    size_t bytes = FillOpens(frame, kFrameSlackBytes);
    bytes = FillResumes(frame, bytes);
    FillDeltas(frame, bytes);
  }
  const bool empty =
      frame->closes_size() + frame->opens_size() + frame->resumes_size() + frame->deltas_size() ==
      0;
  if (empty && now - sent_at_ < heartbeat_) return false;
  if (const uint64_t through = sessions_.writes().answered_through();
      through > told_seen_through_) {
    frame->set_answers_seen_through(through);
    told_seen_through_ = through;
  }
  sent_at_ = now;
  return true;
}

void ClientMachine::FillHello(v1::NodeFrame* frame) {
  v1::Hello* hello = frame->mutable_hello();
  hello->set_protocol_version(kProtocolVersion);
  hello->set_app(options_.app);
  hello->set_node_name(options_.node_name);
  hello->set_incarnation(Id128ToBytes(incarnation_));
  hello->set_history_id(history_id_);
  hello->set_known_before(known_before_);
}

void ClientMachine::TakeWishes() {
  Wishes wishes = sessions_.TakeWishes();
  resumes_.insert(resumes_.end(), wishes.resumes.begin(), wishes.resumes.end());
  closes_.insert(closes_.end(), wishes.closes.begin(), wishes.closes.end());
  for (SessionNumber number : wishes.reopens) {
    if (const Copy* copy = sessions_.cache().Find(number)) {
      opens_.Add(copy->id, Create::kNever, number);
    }
  }
}

void ClientMachine::FillCloses(v1::NodeFrame* frame) {
  const size_t count_max = limits_.frame_bytes_max / 2 / kHandleBytesMax + 1;
  const auto end = closes_.begin() + static_cast<ptrdiff_t>(std::min(closes_.size(), count_max));
  frame->mutable_closes()->Add(closes_.begin(), end);
  closed_.insert(closes_.begin(), end);
  closes_.erase(closes_.begin(), end);
}

size_t ClientMachine::FillOpens(v1::NodeFrame* frame, size_t bytes) {
  while (bytes < limits_.frame_bytes_max / 2) {
    OpenRequest* request = opens_.NextUnsent();
    if (!request) return bytes;
    Copy* copy = request->number != 0 ? sessions_.cache().Find(request->number) : nullptr;
    if (!copy) request->number = 0;  // the copy is no more: whatever the id names now will do
    v1::Open* open = frame->add_opens();
    open->set_request(request->request);
    open->set_id(request->id);
    open->set_create(copy ? v1::CREATE_NEVER : WireOf(request->create));
    open->set_number(request->number);
    open->set_version(copy ? Sessions::Tell(copy) : 0);
    request->sent = true;
    bytes += open->ByteSizeLong() + 8;
  }
  return bytes;
}

size_t ClientMachine::FillResumes(v1::NodeFrame* frame, size_t bytes) {
  for (; resumes_sent_ < resumes_.size() && bytes < limits_.frame_bytes_max / 2; ++resumes_sent_) {
    Copy* copy = sessions_.cache().Find(resumes_[resumes_sent_]);
    if (!copy || copy->handle == 0) continue;
    v1::Resume* resume = frame->add_resumes();
    resume->set_handle(copy->handle);
    resume->set_version(Sessions::Tell(copy));
    bytes += 20;
  }
  if (resumes_sent_ == resumes_.size()) {
    resumes_.clear();
    resumes_sent_ = 0;
  }
  return bytes;
}

// Only once all Opens and Resumes are out: they were asked for before. A frame is filled to half
// its bound by the sizes in memory, since escapes may double a path on the wire.
void ClientMachine::FillDeltas(v1::NodeFrame* frame, size_t bytes) {
  if (!resumes_.empty() || opens_.NextUnsent()) return;
  const size_t bytes_max = limits_.frame_bytes_max / 2;
  while (PendingWrite* write = sessions_.writes().NextToSend(limits_.in_flight_deltas_max)) {
    const auto count = static_cast<uint64_t>(frame->deltas_size());
    if (count > 0 && write->seq != frame->first_seq() + count) return;  // numbers are implied
    bytes += write->bytes + 32 * (1 + write->delta.operations.size());
    const bool alone = count == 0 && frame->opens_size() + frame->resumes_size() == 0;
    if (bytes > bytes_max && !alone) return;
    if (count == 0) frame->set_first_seq(write->seq);
    EncodeDelta(*write, frame);
    if (write->sent_ever) ++counts_.resent;
    sessions_.writes().MarkSent(write);
  }
}

void ClientMachine::EncodeDelta(const PendingWrite& write, v1::NodeFrame* frame) {
  v1::Delta* wire = frame->add_deltas();
  const Copy* copy = sessions_.cache().Find(write.session);
  if (copy && copy->handle != 0) {
    wire->set_handle(copy->handle);
  } else {
    wire->set_number(write.session);
  }
  wire->set_delete_session(write.delta.deletes_session);
  const NumberPath number_path = [this, frame](const Path& path) {
    return paths_.Number(path, frame->mutable_paths());
  };
  for (const Operation& operation : write.delta.operations) {
    EncodeOp(operation, number_path, wire->add_ops());
  }
}

// ---- ends of calls ----

void ClientMachine::FailOpens(const std::vector<Token>& tokens, const absl::Status& why) {
  for (Token token : tokens) sessions_.Finish(OpenDone{token, why});
}

Outputs ClientMachine::TakeOutputs() {
  return {sessions_.TakeOpenDone(), sessions_.TakeCommitDone(), std::exchange(log_, {})};
}

void ClientMachine::Log(LogSeverity severity, std::string line) {
  log_.emplace_back(severity, std::move(line));
}

ClientStats ClientMachine::stats() const {
  ClientStats stats = counts_;
  stats.resyncs = sessions_.resyncs();
  stats.pending = sessions_.writes().unanswered();
  stats.pending_bytes = sessions_.writes().bytes();
  stats.cached_sessions = sessions_.cache().size();
  return stats;
}

}  // namespace sessionhub::client
