#include "hub/gateway/hub_service.h"

#include <glog/logging.h>

#include <algorithm>
#include <string>
#include <utility>

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
  auto stream = std::make_shared<NodeStream>(context_, call);
  bool draining = false;
  {
    absl::MutexLock lock(&mutex_);
    if (streams_.size() >= context_.streams_max) ForgetTheDead();
    if (streams_.size() >= context_.streams_max) return Refuse();
    streams_.push_back(stream);
    draining = draining_;
  }
  stream->Start();
  if (draining) stream->StopReading();
  return stream.get();
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* HubService::Refuse() const {
  LOG_EVERY_N(WARNING, 1000)
      << "event=stream_refused streams_max=" << context_.streams_max
      << " remedy=\"find out who opens so many streams, or raise --nodes-max\"";
  return new TurnedAway({grpc::StatusCode::UNAVAILABLE,
                         "this hub has " + std::to_string(context_.streams_max) +
                             " streams, its most: come back later, or raise --nodes-max"});
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

void HubService::EndAll(v1::Goodbye::Why why, const std::string& message) {
  for (const auto& stream : Streams()) stream->End(why, message);
}

}  // namespace sessionhub::hub
