#include "hub/gateway/hub_service.h"

#include <algorithm>
#include <string>
#include <utility>

namespace sessionhub::hub {

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* HubService::Attach(
    grpc::CallbackServerContext* call) {
  auto stream = std::make_shared<NodeStream>(context_, call);
  bool draining = false;
  {
    absl::MutexLock lock(&mutex_);
    streams_.push_back(stream);
    draining = draining_;
  }
  stream->Start();
  if (draining) stream->End(v1::Goodbye::DRAINING, "this hub is stopping: come back later");
  return stream.get();
}

std::vector<std::shared_ptr<NodeStream>> HubService::Streams() {
  absl::MutexLock lock(&mutex_);
  std::vector<std::shared_ptr<NodeStream>> living;
  auto gone = [&living](const std::weak_ptr<NodeStream>& weak) {
    auto stream = weak.lock();
    if (stream) living.push_back(std::move(stream));
    return weak.expired();
  };
  streams_.erase(std::remove_if(streams_.begin(), streams_.end(), gone), streams_.end());
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
