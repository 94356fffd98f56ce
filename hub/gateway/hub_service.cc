#include "hub/gateway/hub_service.h"

#include <glog/logging.h>

#include <algorithm>
#include <string>
#include <utility>

#include "hub/gateway/admin_service.h"
#include "proto/session/error_codes.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

// Says no at once and reads nothing. Owns itself.
class TurnedAway : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  explicit TurnedAway(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

}  // namespace

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* HubService::Attach(
    grpc::CallbackServerContext* call) {
  absl::StatusOr<Caller> caller = CallerOf(*call);
  if (!caller.ok()) return new TurnedAway(ToGrpcStatus(caller.status()));
  auto stream = std::make_shared<NodeStream>(context_, call, *std::move(caller));
  bool draining = false;
  absl::Status admitted;
  {
    absl::MutexLock lock(&mutex_);
    admitted = MakeRoom();
    if (admitted.ok()) streams_.push_back(stream);
    draining = draining_;
  }
  if (!admitted.ok()) return TurnAway(stream->caller(), call->peer(), admitted);
  stream->Start();
  if (draining) stream->StopReading();
  return stream.get();
}

absl::StatusOr<Caller> HubService::CallerOf(const grpc::CallbackServerContext& call) const {
  if (context_.auth == nullptr) return Caller();
  ASSIGN_OR_RETURN(Caller caller, context_.auth->Authenticate(call, "Attach"));
  absl::Status may = CheckMayAttach(caller);
  if (may.ok()) return caller;
  AuditEntry entry;
  entry.event = "attach";
  context_.auth->AuditTurnedAway(caller, call.peer(), may, std::move(entry));
  return may;
}

void HubService::EndRefused() {
  if (context_.auth == nullptr) return;
  for (const auto& stream : Streams()) {
    if (absl::Status status = context_.auth->Check(stream->caller()); !status.ok()) {
      stream->Refuse(status);
    }
  }
}

absl::Status HubService::MakeRoom() {
  if (streams_.size() >= streams_max_) ForgetTheDead();
  if (streams_.size() < streams_max_) return absl::OkStatus();
  ++streams_refused_;
  LOG_EVERY_N(WARNING, 1000)
      << "event=stream_refused streams_max=" << streams_max_
      << " remedy=\"find out who opens so many streams, or raise --nodes-max\"";
  return ErrorStatus(CallError::kStreamsMax,
                     "this hub has " + std::to_string(streams_max_) +
                         " streams, its most: come back later, or raise --nodes-max");
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* HubService::TurnAway(
    const Caller& caller, const std::string& peer, const absl::Status& why) const {
  if (context_.auth != nullptr) {
    AuditEntry entry;
    entry.event = "attach";
    context_.auth->AuditTurnedAway(caller, peer, why, std::move(entry));
  }
  return new TurnedAway(ToGrpcStatus(why));
}

void HubService::ForgetTheDead() {
  const auto dead = [](const std::weak_ptr<NodeStream>& weak) { return weak.expired(); };
  streams_.erase(std::remove_if(streams_.begin(), streams_.end(), dead), streams_.end());
}

std::vector<std::shared_ptr<NodeStream>> HubService::Streams() {
  absl::MutexLock lock(&mutex_);
  ForgetTheDead();
  std::vector<std::shared_ptr<NodeStream>> living;
  for (const auto& weak : streams_) {
    if (auto stream = weak.lock()) living.push_back(std::move(stream));
  }
  return living;
}

void HubService::TickStreams() {
  for (const auto& stream : Streams()) stream->Tick();
}

void HubService::PumpStreams() {
  for (const auto& stream : Streams()) stream->Pump();
}

void HubService::SetStreamsMax(size_t streams_max) {
  absl::MutexLock lock(&mutex_);
  streams_max_ = streams_max;
}

void HubService::PumpSlowedStreams() {
  if (!context_.app_limits->TakeWaited()) return;
  LOG_EVERY_N(INFO, 1000) << "event=apps_slowed remedy=\"an app is over its rate and is read no "
                             "faster: raise --app-deltas-per-s-max or --app-bytes-per-s-max\"";
  for (const auto& stream : Streams()) stream->PumpUnlessRoomIsAwaited();
}

void HubService::StopReading() {
  {
    absl::MutexLock lock(&mutex_);
    draining_ = true;
  }
  for (const auto& stream : Streams()) stream->StopReading();
}

bool HubService::AllIdle() {
  const auto streams = Streams();
  return std::all_of(streams.begin(), streams.end(),
                     [](const auto& stream) { return stream->Idle(); });
}

HubService::Fill HubService::GetFill() {
  Fill fill;
  for (const auto& stream : Streams()) {
    const StreamFill one = stream->fill();
    ++fill.streams;
    fill.in_flight_deltas += one.in_flight_deltas;
    fill.in_flight_largest = std::max(fill.in_flight_largest, one.in_flight_deltas);
    fill.held_bytes += one.held_bytes;
    fill.held_bytes_largest = std::max(fill.held_bytes_largest, one.held_bytes);
  }
  absl::MutexLock lock(&mutex_);
  fill.streams_max = streams_max_;
  fill.streams_refused = streams_refused_;
  return fill;
}

void HubService::EndAll(v1::Goodbye::Why why, const std::string& message) {
  for (const auto& stream : Streams()) stream->End(why, message);
}

}  // namespace sessionhub::hub
