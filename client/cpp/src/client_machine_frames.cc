// What a node's frames say: which of what waits goes into the next one, and in which order.
#include <algorithm>
#include <string>
#include <utility>

#include "client/cpp/src/client_machine.h"
#include "client/cpp/src/features.h"
#include "client/cpp/src/frame_room.h"
#include "proto/session/wire.h"

namespace sessionhub::client {
namespace {

constexpr uint32_t kProtocolVersion = 1;
constexpr size_t kHandleBytesMax = 5;
constexpr size_t kReceiptBytesMax = 20;
constexpr size_t kTouchBytesMax = 16;

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

}  // namespace

bool ClientMachine::TakeFrame(v1::NodeFrame* frame, Time now) {
  frame->Clear();
  ++last_frame_;
  if (phase_ == Phase::kAttaching && !hello_sent_) {
    FillHello(frame);
    hello_sent_ = true;
    sent_at_ = now;
    return true;
  }
  if (!attached() || wants_reconnect_) return false;
  TakeWishes();
  FillReceipts(frame);
  if (frame->receipts_size() > 0 &&
      (!closes_.empty() || !resumes_.empty() || opens_.NextUnsent() != nullptr)) {
    // By themselves: they speak of what the handles meant before all these take effect.
  } else if (!closes_.empty()) {
    // By themselves: a frame's Opens take effect before its closes, and one of them may open again
    // what is closed here.
    FillCloses(frame);
  } else {
    size_t bytes = FillOpens(frame, kFrameSlackBytes);
    bytes = FillResumes(frame, bytes);
    bytes = FillRenames(frame, bytes);
    FillDeltas(frame, bytes, now);
    if (!IsFull(*frame)) FillLocks(frame, now);
  }
  const bool empty = frame->closes_size() + frame->opens_size() + frame->resumes_size() +
                         frame->deltas_size() + frame->renames_size() + frame->locks_size() +
                         frame->unlocks_size() + frame->receipts_size() ==
                     0;
  const uint64_t through = sessions_.writes().answered_through();
  const bool farewell = leaving_ && through > told_seen_through_;
  const bool has_time = empty && !farewell && now - sent_at_ < heartbeat_;
  if (has_time && urgent_at() > now) return false;
  FillTouches(frame, now);
  if (has_time && frame->touches_size() == 0) return false;
  if (through > told_seen_through_) {
    frame->set_answers_seen_through(through);
    told_seen_through_ = through;
  }
  sent_at_ = now;
  return true;
}

void ClientMachine::FillHello(v1::NodeFrame* frame) {
  v1::Hello* hello = frame->mutable_hello();
  hello->set_protocol_version(kProtocolVersion);
  hello->set_features(kClientFeatures);
  hello->set_app(options_.app);
  hello->set_node_name(options_.node_name);
  hello->set_incarnation(Id128ToBytes(incarnation_));
  hello->set_history_id(history_id_);
  hello->set_known_before(known_before_);
  hello->set_new_lease(handles_unknown_);
  if (handles_unknown_) HideCopies();
}

// From here on no commit may wait for this node, whose lease ends: so it shows nothing older than
// what its catch-ups will bring.
void ClientMachine::HideCopies() {
  sessions_.cache().ForEach([](Copy* copy) { copy->closed |= copy->handle != 0; });
}

void ClientMachine::TakeWishes() {
  Wishes wishes = sessions_.TakeWishes();
  resumes_.insert(resumes_.end(), wishes.resumes.begin(), wishes.resumes.end());
  closes_.insert(closes_.end(), wishes.closes.begin(), wishes.closes.end());
  for (SessionNumber number : wishes.reopens) {
    const Copy* copy = sessions_.cache().Find(number);
    if (copy && !id_changes_.Concerns(number)) {
      opens_.Add(copy->id, Create::kNever, number, copy->interest);
    }
  }
}

void ClientMachine::FillReceipts(v1::NodeFrame* frame) {
  const size_t count_max =
      std::min(RequestRoom(*frame), limits_.frame_bytes_max / 4 / kReceiptBytesMax + 1);
  const size_t count = std::min(receipts_.size(), count_max);
  const auto end = receipts_.begin() + static_cast<ptrdiff_t>(count);
  frame->mutable_receipts()->Add(receipts_.begin(), end);
  receipts_.erase(receipts_.begin(), end);
}

void ClientMachine::FillCloses(v1::NodeFrame* frame) {
  const size_t count_max =
      std::min(RequestRoom(*frame), limits_.frame_bytes_max / 2 / kHandleBytesMax + 1);
  const auto end = closes_.begin() + static_cast<ptrdiff_t>(std::min(closes_.size(), count_max));
  frame->mutable_closes()->Add(closes_.begin(), end);
  for (auto handle = closes_.begin(); handle != end; ++handle) closed_[*handle] = last_frame_;
  closes_.erase(closes_.begin(), end);
}

size_t ClientMachine::FillOpens(v1::NodeFrame* frame, size_t bytes) {
  while (bytes < limits_.frame_bytes_max / 2 && RequestRoom(*frame) > 0) {
    OpenRequest* request = opens_.NextUnsent();
    if (!request) return bytes;
    Copy* copy = request->number != 0 ? sessions_.cache().Find(request->number) : nullptr;
    if (!copy && request->number != 0 && request->waiters.empty()) {
      opens_.Take(request->request);  // it was for the copy alone
      continue;
    }
    if (!copy) request->number = 0;  // the copy is no more: whatever the id names now will do
    v1::Open* open = frame->add_opens();
    open->set_request(request->request);
    open->set_id(request->id);
    open->set_create(copy ? v1::CREATE_NEVER : WireOf(request->create));
    open->set_number(request->number);
    open->set_version(copy ? Sessions::Tell(copy) : 0);
    if (copy) request->interest = std::max(request->interest, copy->interest);
    if (Invalidates(request->interest)) open->set_mode(v1::INTEREST_INVALIDATE);
    if (open->create() != v1::CREATE_NEVER && !request->settings.empty()) {
      EncodeNewSession(request->settings, open->mutable_new_session());
    }
    request->sent = request->sent_ever = true;
    request->sent_in = last_frame_;
    bytes += open->ByteSizeLong() + 8;
  }
  return bytes;
}

size_t ClientMachine::FillResumes(v1::NodeFrame* frame, size_t bytes) {
  for (; resumes_sent_ < resumes_.size() && bytes < limits_.frame_bytes_max / 2 &&
         RequestRoom(*frame) > 0;
       ++resumes_sent_) {
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
void ClientMachine::FillDeltas(v1::NodeFrame* frame, size_t bytes, Time now) {
  if (!resumes_.empty() || opens_.NextUnsent()) return;
  const size_t bytes_max = limits_.frame_bytes_max / 2;
  while (PendingWrite* write = sessions_.writes().NextToSend(limits_.in_flight_deltas_max)) {
    if (const char* what = NotAgreed(write->delta); what && !write->sent_ever) {
      counts_.commits_refused +=
          sessions_.Refused(write, {v1::UNSUPPORTED, std::string("this hub offers no ") + what});
      continue;
    }
    const auto count = static_cast<uint64_t>(frame->deltas_size());
    if (count > 0 && write->seq != frame->first_seq() + count) return;  // numbers are implied
    if (RequestRoom(*frame) == 0) return;
    bytes +=
        write->bytes + 32 * (1 + write->delta.operations.size() + write->delta.conditions.size());
    const bool alone = count == 0 && frame->receipts_size() + frame->opens_size() +
                                             frame->resumes_size() + frame->renames_size() ==
                                         0;
    if (bytes > bytes_max && !alone) return;
    if (count == 0) frame->set_first_seq(write->seq);
    write->asks_delivery = write->ack == Ack::kDelivered && agreed(v1::FEATURE_DELIVERED);
    write->spliced = !write->splices.empty() && agreed(v1::FEATURE_SPLICE);
    EncodeWrite(*write, frame);
    if (write->sent_ever) ++counts_.resent;
    sessions_.writes().MarkSent(write);
    if (Copy* copy = sessions_.cache().Find(write->session)) Touches::Told(copy, now);
  }
}

// A delta that travels alone may need all of the frame.
bool ClientMachine::IsFull(const v1::NodeFrame& frame) const {
  return frame.deltas_size() == 1 && frame.deltas(0).ByteSizeLong() > limits_.frame_bytes_max / 2;
}

// Only of copies that are live: the others have a handle again with one of the next frames, and
// their uses are told then.
void ClientMachine::FillTouches(v1::NodeFrame* frame, Time now) {
  if (!agreed(v1::FEATURE_LIFE)) return;
  if (IsFull(*frame)) return;
  const size_t count_max =
      std::min(RequestRoom(*frame), limits_.frame_bytes_max / 4 / kTouchBytesMax);
  for (size_t looks = 0; looks < count_max; ++looks) {
    const SessionNumber session = touches_.Take(now);
    if (session == 0) return;
    Copy* copy = sessions_.cache().Find(session);
    if (!copy || !TakeUse(copy)) continue;
    if (copy->handle == 0) {
      touches_.Postpone(copy, now + heartbeat_);
      continue;
    }
    const auto ago = std::chrono::duration_cast<std::chrono::milliseconds>(now - copy->used_at);
    v1::Touch* touch = frame->add_touches();
    touch->set_handle(copy->handle);
    touch->set_ago_ms(static_cast<uint64_t>(ago.count()));
    Touches::Told(copy, now);
  }
}

// A hub that does not know preconditions might apply the delta without them.
const char* ClientMachine::NotAgreed(const Delta& delta) const {
  if (delta.HasConditions() && !agreed(v1::FEATURE_CONDITIONS)) return "preconditions";
  if (delta.after_previous && !agreed(v1::FEATURE_AFTER_PREVIOUS)) return "after_previous";
  if (delta.lock_token != 0 && !agreed(v1::FEATURE_LOCKS)) return "locks";
  return nullptr;
}

void ClientMachine::EncodeWrite(const PendingWrite& write, v1::NodeFrame* frame) {
  v1::Delta* wire = frame->add_deltas();
  const Copy* copy = sessions_.cache().Find(write.session);
  if (copy && copy->handle != 0) {
    wire->set_handle(copy->handle);
  } else {
    wire->set_number(write.session);
  }
  const NumberPath number_path = [this, frame](const Path& path) {
    return paths_.Number(path, frame->mutable_paths());
  };
  if (write.spliced) {
    EncodeDelta(WithSplices(write.delta, write.splices), number_path, wire);
  } else {
    EncodeDelta(write.delta, number_path, wire);
  }
  wire->set_delivered(write.asks_delivery);
  wire->set_received(write.ack == Ack::kReceived && !write.told && agreed(v1::FEATURE_RECEIVED));
}

}  // namespace sessionhub::client
