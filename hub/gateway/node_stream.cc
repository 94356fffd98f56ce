#include "hub/gateway/node_stream.h"

#include <glog/logging.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>
#include <vector>

#include "hub/gateway/admin_service.h"
#include "proto/session/error_codes.h"
#include "proto/session/wire.h"

namespace sessionhub::hub {
namespace {

// One frame carries about this much, so that a slow stream's answers do not wait behind megabytes.
constexpr size_t kFrameBytes = 64 << 10;
// Ticks come twice in a heartbeat; a node may be silent for three heartbeats.
constexpr int kSilentTicksMax = 6;

bool Parse(grpc::ByteBuffer* buffer, v1::NodeFrame* frame) {
  grpc::ProtoBufferReader reader(buffer);
  return frame->ParseFromZeroCopyStream(&reader) && reader.status().ok();
}

grpc::ByteBuffer ToByteBuffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

std::string GoodbyeFrame(v1::Goodbye::Why why, const std::string& message) {
  v1::HubFrame frame;
  frame.mutable_goodbye()->set_why(why);
  frame.mutable_goodbye()->set_message(message);
  return frame.SerializeAsString();
}

}  // namespace

grpc::Status FarewellStatus(v1::Goodbye::Why why, const std::string& message) {
  return ToGrpcStatus(ErrorStatus(why, message));
}

NodeStream::NodeStream(const GatewayContext& context, grpc::CallbackServerContext* call,
                       Caller caller)
    : context_(context),
      caller_(std::move(caller)),
      peer_(call->peer()),
      call_(call),
      meter_(context.walk_times, context.traffic) {}

void NodeStream::Start() {
  absl::MutexLock lock(&mutex_);
  self_ = shared_from_this();
  reading_ = true;
  StartRead(&read_buffer_);
}

// ---- reading ----

void NodeStream::OnReadDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  reading_ = false;
  silent_ticks_ = 0;
  if (finished_ || refusal_) return;
  if (!ok) return NodeLeft();  // it has ended its side, or is gone
  const uint64_t bytes = read_buffer_.Length();
  meter_.Read(bytes);
  if (bytes > context_.limits.frame_bytes_max) {
    return EndLocked(v1::Goodbye::PROTOCOL_ERROR,
                     "a frame is " + std::to_string(bytes) + " bytes, over frame_bytes_max = " +
                         std::to_string(context_.limits.frame_bytes_max) + ": split it");
  }
  v1::NodeFrame frame;
  if (!Parse(&read_buffer_, &frame)) {
    return EndLocked(v1::Goodbye::PROTOCOL_ERROR, "a frame does not parse as v1.NodeFrame");
  }
  if (!hello_seen_) return HandleHello(std::move(frame), bytes);
  if (!std::exchange(confirmed_, true)) context_.registry->Confirm(origin_);
  context_.app_limits->Charge(app_, 0, bytes, context_.now_us());
  HandleFrame(frame);
}

void NodeStream::HandleHello(v1::NodeFrame frame, uint64_t bytes) {
  if (!frame.has_hello()) {
    return EndLocked(v1::Goodbye::PROTOCOL_ERROR, "the first frame has no hello");
  }
  const v1::Hello& hello = frame.hello();
  if (hello.protocol_version() != kProtocolVersion) {
    return EndLocked(v1::Goodbye::VERSION_UNSUPPORTED,
                     "protocol version " + std::to_string(hello.protocol_version()) +
                         " is not spoken here: this hub speaks version " +
                         std::to_string(kProtocolVersion));
  }
  if (absl::Status status = CheckHello(hello); !status.ok()) {
    return EndLocked(v1::Goodbye::INVALID_HELLO, std::string(status.message()));
  }
  if (absl::Status status = CheckRequests(frame); !status.ok()) {
    return EndLocked(v1::Goodbye::PROTOCOL_ERROR, std::string(status.message()));
  }
  app_ = hello.app();
  node_name_ = hello.node_name();
  if (absl::Status status = CheckPermission(caller_, "Hub", "Attach", app_); !status.ok()) {
    return RefuseLocked(status);
  }
  const absl::Status entered = context_.app_limits->Enter(app_);
  context_.app_limits->Charge(app_, 0, bytes, context_.now_us());
  if (!entered.ok()) return EndLocked(v1::Goodbye::BUSY, std::string(entered.message()));
  entered_ = true;
  hello_seen_ = true;
  hello_ = std::move(frame);
  Register();
}

// Every shard must hear of an attach, and of its end: so those who come and go while the shards
// stand still wait here.
void NodeStream::Register() {
  const auto when_room = [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->Pump();
  };
  waiting_for_room_ = !context_.router->AllHaveRoom(when_room);
  if (waiting_for_room_) return;
  const v1::NodeFrame frame = *std::exchange(hello_, std::nullopt);
  const v1::Hello& hello = frame.hello();
  const Registration registration{hello.app(), hello.node_name(), BytesToId128(hello.incarnation()),
                                  hello.known_before()};
  const absl::Status asked = context_.registrar->Register(
      registration, [self = shared_from_this(), frame](absl::StatusOr<Registered> registered) {
        self->OnRegistered(frame, std::move(registered));
      });
  if (!asked.ok()) EndLocked(v1::Goodbye::BUSY, std::string(asked.message()));
}

void NodeStream::OnRegistered(const v1::NodeFrame& frame, absl::StatusOr<Registered> registered) {
  if (!registered.ok()) return End(v1::Goodbye::BUSY, std::string(registered.status().message()));
  if (registered->incarnation_ended) {
    v1::HubFrame answer;
    answer.mutable_attached()->set_protocol_version(kProtocolVersion);
    answer.mutable_attached()->set_incarnation_ended(true);
    answer.mutable_attached()->set_history_id(Id128ToBytes(context_.history_id));
    absl::MutexLock lock(&mutex_);
    if (!finished_) WriteFrame(answer.SerializeAsString());
    return EndLocked(v1::Goodbye::SILENT, "this incarnation has ended: attach with a new one");
  }
  const v1::Hello& hello = frame.hello();
  const NodeIdentity identity{hello.app(),
                              registered->app,
                              hello.node_name(),
                              BytesToId128(hello.incarnation()),
                              peer_,
                              hello.features() & kHubFeatures,
                              hello.new_lease()};
  const std::weak_ptr<NodeStream> weak = weak_from_this();
  const auto attachment = context_.registry->Attach(
      identity,
      [weak](v1::Goodbye::Why why, const std::string& message) {
        if (auto self = weak.lock()) self->End(why, message);
      },
      context_.now_us());
  if (!attachment.ok()) {
    const auto why =
        absl::IsAborted(attachment.status()) ? v1::Goodbye::REPLACED : v1::Goodbye::BUSY;
    return End(why, std::string(attachment.status().message()));
  }
  OnAttached(frame, registered->app, *attachment);
}

void NodeStream::OnAttached(const v1::NodeFrame& first, AppNumber app,
                            const Attachment& attachment) {
  const std::weak_ptr<NodeStream> weak = weak_from_this();
  attachment.outbox->SetWaker([weak] {
    if (auto self = weak.lock()) self->WriteSome();
  });
  absl::MutexLock lock(&mutex_);
  if (finished_ || refusal_) {  // the node left meanwhile, or was sent away
    context_.registry->Detach(attachment.origin, context_.now_us());
    return;
  }
  origin_ = attachment.origin;
  outbox_ = attachment.outbox;
  const v1::Hello& hello = first.hello();
  LOG(INFO) << "event=attached node=" << origin_.node << " app=" << hello.app()
            << " name=" << hello.node_name() << " attach=" << origin_.attach
            << " lease_held=" << attachment.lease_held << " peer=" << peer_;
  Audit("attach", absl::OkStatus());
  waiting_ticks_ = 0;
  meter_.Attached(app, hello.app());
  admission_.emplace(context_.limits, origin_, first.hello().app(), app,
                     hello.features() & kHubFeatures);
  WriteFrame(AttachedFrame(attachment, hello.features() & kHubFeatures));
  rest_ = first;  // a first frame may hold more than its hello
  rest_->clear_hello();
  PumpLocked();
}

std::string NodeStream::AttachedFrame(const Attachment& attachment, uint64_t features) const {
  v1::HubFrame frame;
  v1::Attached* attached = frame.mutable_attached();
  attached->set_protocol_version(kProtocolVersion);
  attached->set_features(features);
  attached->set_history_id(Id128ToBytes(context_.history_id));
  attached->set_lease_held(attachment.lease_held);
  EncodeLimits(context_.limits, attached->mutable_limits());
  attached->set_lease_ms(context_.lease_us / 1000);
  attached->set_heartbeat_ms(context_.heartbeat_us / 1000);
  return frame.SerializeAsString();
}

void NodeStream::HandleFrame(const v1::NodeFrame& frame) {
  Admitted admitted;
  if (absl::Status status = admission_->Admit(frame, &admitted); !status.ok()) {
    return EndLocked(v1::Goodbye::PROTOCOL_ERROR, std::string(status.message()));
  }
  meter_.Admitted(admitted.deltas);
  next_read_.FrameRead(admitted, unanswered_deltas_);
  unanswered_deltas_ += admitted.deltas;
  context_.app_limits->Charge(app_, admitted.deltas, 0, context_.now_us());
  for (Input& input : admitted.inputs) backlog_.push_back(std::move(input));
  if (!admitted.answers.empty()) {
    for (OutboxItem& item : admitted.answers) outbox_->Push(std::move(item));
    WriteSomeLocked();
  }
  PumpLocked();
}

void NodeStream::Pump() {
  absl::MutexLock lock(&mutex_);
  waiting_for_room_ = false;
  PumpLocked();
}

void NodeStream::PumpUnlessRoomIsAwaited() {
  absl::MutexLock lock(&mutex_);
  if (!waiting_for_room_) PumpLocked();
}

void NodeStream::PostBacklog() {
  const std::weak_ptr<NodeStream> weak = weak_from_this();
  const bool growth_waits = context_.growth_waits && context_.growth_waits();
  if (!growth_waits && !hold_.empty()) {
    std::deque<Input> held = hold_.TakeAll();
    std::move(backlog_.begin(), backlog_.end(), std::back_inserter(held));
    backlog_ = std::move(held);
  }
  while (!backlog_.empty()) {
    std::optional<TouchInput> use;
    if (growth_waits) use = GrowthHold::UseOf(backlog_.front());
    if (growth_waits && hold_.Take(&backlog_.front())) {
      backlog_.pop_front();
      if (use) backlog_.emplace_front(*use);
      continue;
    }
    if (auto* open = std::get_if<OpenInput>(&backlog_.front())) LimitSessions(open);
    const auto when_room = [weak] {
      if (auto self = weak.lock()) self->Pump();
    };
    const auto* commit = std::get_if<CommitInput>(&backlog_.front());
    const uint64_t received = commit && commit->received ? commit->seq : 0;
    if (!context_.router->TryPost(&backlog_.front(), when_room)) {
      waiting_for_room_ = true;
      return;
    }
    received_last_ = std::max(received_last_, received);
    backlog_.pop_front();
  }
  // Of a delta behind one that waits, nothing is told before both are there.
  if (hold_.empty()) received_through_ = received_last_;
}

// As late as can be: sessions may have ended while the Open was waiting.
void NodeStream::LimitSessions(OpenInput* open) const {
  if (open->create == v1::CREATE_NEVER || context_.app_limits->sessions_max() == 0) return;
  const uint64_t sessions = context_.app_sessions->Of(open->name.app);
  const absl::Status may = context_.app_limits->CheckSessions(app_, sessions);
  open->why_app_full = std::string(may.message());
}

void NodeStream::PumpLocked() {
  if (finished_ || refusal_ || waiting_for_room_) return;
  if (hello_) {
    if (!read_stopped_) Register();
    return;
  }
  if (rest_) return HandleRest();
  PostBacklog();
  if (received_through_ > told_received_through_ || told_growth_waits_ == hold_.empty()) {
    WriteSomeLocked();
  }
  if (waiting_for_room_ || !backlog_.empty()) return;
  if (reading_ || read_stopped_ || farewell_ || !admission_) return;
  if (unanswered_deltas_ >= context_.limits.in_flight_deltas_max || outbox_->full()) return;
  if (hold_.bytes() >= kHeldBytesMax) return;
  if (!context_.app_limits->MayRead(app_, context_.now_us())) return;
  if (next_read_.waits() && hold_.empty()) return;
  reading_ = true;
  StartRead(&read_buffer_);
}

// What came with the hello waits for its app's rates as every later frame does: a node that
// attaches again and again is not faster than one that stays. It is not lost with a stream that
// ends before: the node has no answer to it.
void NodeStream::HandleRest() {
  if (read_stopped_ || farewell_) return;
  if (!context_.app_limits->MayRead(app_, context_.now_us())) return;
  HandleFrame(*std::exchange(rest_, std::nullopt));
}

// ---- writing ----

void NodeStream::WriteSome() {
  absl::MutexLock lock(&mutex_);
  WriteSomeLocked();
}

void NodeStream::WriteSomeLocked() {
  if (writing_ || finished_ || refusal_) return;
  if (outbox_) {
    const std::vector<OutboxItem> items = outbox_->Take(kFrameBytes);
    const std::string news = NewsOfGrowth();
    if (!items.empty() || !news.empty() || received_through_ > told_received_through_) {
      const auto answers = static_cast<uint64_t>(std::count_if(
          items.begin(), items.end(),
          [](const OutboxItem& item) { return std::holds_alternative<AnswerItem>(item); }));
      unanswered_deltas_ -= std::min(unanswered_deltas_, answers);
      meter_.Encoded(items);
      const bool told =
          received_through_ == std::exchange(told_received_through_, received_through_);
      WriteFrame(encoder_.Encode(items, told ? 0 : received_through_) + news);
      next_read_.Written();
      PumpLocked();
      return;
    }
  }
  if (!farewell_) return;
  finished_ = true;
  const std::string goodbye = GoodbyeFrame(farewell_->why, farewell_->message);
  meter_.Writes(goodbye.size());
  write_buffer_ = ToByteBuffer(goodbye);
  StartWriteAndFinish(&write_buffer_, grpc::WriteOptions(),
                      FarewellStatus(farewell_->why, farewell_->message));
}

// A part of a frame, if the node does not know yet.
std::string NodeStream::NewsOfGrowth() {
  if (told_growth_waits_ != hold_.empty()) return "";
  told_growth_waits_ = !told_growth_waits_;
  v1::HubFrame frame;
  frame.set_growth_waits(told_growth_waits_ ? context_.why_growth_waits() : "");
  return frame.SerializeAsString();
}

void NodeStream::WriteFrame(const std::string& bytes) {
  write_buffer_ = ToByteBuffer(bytes);
  meter_.Writes(bytes.size());
  writing_ = true;
  wrote_since_tick_ = true;
  StartWrite(&write_buffer_);
}

void NodeStream::OnWriteDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  writing_ = false;
  if (ok) meter_.WriteDone();
  if (finished_) return;
  if (refusal_) return FinishNow(*refusal_);
  if (!ok || node_left_) return FinishNow(grpc::Status::CANCELLED);
  WriteSomeLocked();
}

void NodeStream::Tick() {
  absl::MutexLock lock(&mutex_);
  if (done_) return;
  if (finished_ || farewell_ || refusal_ || !admission_) {
    if (++waiting_ticks_ > kSilentTicksMax) call_->TryCancel();
    return;
  }
  next_read_.Written();
  PumpLocked();
  // Every other tick is once a heartbeat, far within a lease.
  const bool unread = !reading_ && !hold_.empty();
  unread_ticks_ = unread ? unread_ticks_ + 1 : 0;
  if (unread_ticks_ % 2 == 1) context_.router->PostToAll(UnreadInput{origin_});
  if (!wrote_since_tick_ && !writing_) WriteFrame(std::string());
  wrote_since_tick_ = false;
  if (reading_ && ++silent_ticks_ > kSilentTicksMax) {
    EndLocked(v1::Goodbye::SILENT, "nothing was heard from this node for three heartbeats");
  }
}

// ---- the end ----

void NodeStream::End(v1::Goodbye::Why why, const std::string& message) {
  absl::MutexLock lock(&mutex_);
  EndLocked(why, message);
}

void NodeStream::EndLocked(v1::Goodbye::Why why, const std::string& message) {
  if (finished_ || farewell_ || refusal_) return;
  farewell_ = Farewell{why, message};
  if (outbox_) outbox_->EndReads();  // the last frame does not wait for a large catch-up
  LOG(INFO) << "event=goodbye why=" << v1::Goodbye::Why_Name(why) << " node=" << origin_.node
            << " message=\"" << message << "\"";
  if (origin_.node == 0) {
    const auto code = static_cast<absl::StatusCode>(FarewellStatus(why, message).error_code());
    Audit("attach", absl::Status(code, message));
  }
  WriteSomeLocked();
}

void NodeStream::Refuse(const absl::Status& why) {
  absl::MutexLock lock(&mutex_);
  RefuseLocked(why);
}

// No frame says goodbye: whoever gets one that it does not know stays away.
void NodeStream::RefuseLocked(const absl::Status& why) {
  if (finished_ || refusal_) return;
  refusal_.emplace(static_cast<grpc::StatusCode>(why.code()), std::string(why.message()));
  read_stopped_ = true;
  if (outbox_) outbox_->EndReads();
  LOG(INFO) << "event=node_refused node=" << origin_.node << " peer=" << peer_ << " status=\""
            << why.ToString() << "\"";
  Audit(origin_.node == 0 ? "attach" : "revoked", why);
  if (!writing_) FinishNow(*refusal_);
}

void NodeStream::Audit(const char* event, const absl::Status& outcome) const {
  if (context_.auth == nullptr) return;
  AuditEntry entry;
  entry.event = event;
  entry.app = app_;
  entry.node = node_name_;
  if (origin_.node != 0) return context_.auth->Audit(caller_, peer_, outcome, std::move(entry));
  context_.auth->AuditTurnedAway(caller_, peer_, outcome, std::move(entry));
}

void NodeStream::StopReading() {
  absl::MutexLock lock(&mutex_);
  read_stopped_ = true;
  if (!admission_) return EndLocked(v1::Goodbye::DRAINING, kHubStops);
  outbox_->EndReads();  // large catch-ups would keep it writing: the node asks again
}

bool NodeStream::Idle() const {
  absl::MutexLock lock(&mutex_);
  return finished_ || refusal_ || !admission_ ||
         (backlog_.empty() && unanswered_deltas_ <= hold_.deltas() && !writing_ &&
          outbox_->bytes() == 0);
}

StreamFill NodeStream::fill() const {
  absl::MutexLock lock(&mutex_);
  if (finished_) return {};
  return {unanswered_deltas_, hold_.bytes()};
}

void NodeStream::FinishNow(const grpc::Status& status) {
  if (finished_) return;
  finished_ = true;
  Finish(status);
}

// Nobody reads any more. What is in the mailboxes is still decided; the node asks again after it is
// back.
void NodeStream::NodeLeft() {
  node_left_ = true;
  read_stopped_ = true;
  if (!writing_) FinishNow(grpc::Status::CANCELLED);
}

void NodeStream::OnCancel() {
  absl::MutexLock lock(&mutex_);
  NodeLeft();
}

void NodeStream::OnDone() {
  std::shared_ptr<NodeStream> self;
  Origin origin;
  {
    absl::MutexLock lock(&mutex_);
    finished_ = true;
    done_ = true;
    origin = origin_;
    self = std::move(self_);
    if (origin.node != 0) Audit("detach", absl::OkStatus());
    if (entered_) context_.app_limits->Leave(app_, context_.now_us());
  }
  if (origin.node == 0) return;
  context_.registry->Detach(origin, context_.now_us());
  LOG(INFO) << "event=detached node=" << origin.node << " attach=" << origin.attach;
}

}  // namespace sessionhub::hub
