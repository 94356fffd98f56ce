// HubService: the gRPC service that nodes use. Makes a NodeStream for each Attach and keeps track
// of them.
#ifndef HUB_GATEWAY_HUB_SERVICE_H_
#define HUB_GATEWAY_HUB_SERVICE_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "hub/gateway/node_stream.h"
#include "sessionhub/v1/hub.grpc.pb.h"

namespace sessionhub::hub {

// Frames are handled as raw bytes: a body that many nodes get is encoded once, and bytes that do
// not parse are answered with a reason.
class HubService : public v1::Hub::WithRawCallbackMethod_Attach<v1::Hub::Service> {
 public:
  // `context` is not owned and outlives the service.
  explicit HubService(const GatewayContext& context) : context_(context) {}

  // Past context.streams_max a stream ends at once, UNAVAILABLE.
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Attach(
      grpc::CallbackServerContext* call) override ABSL_LOCKS_EXCLUDED(mutex_);

  // For the hub's clock: twice in each heartbeat.
  void TickStreams() ABSL_LOCKS_EXCLUDED(mutex_);

  // Growth goes on: each stream goes on with what waited for it.
  void PumpStreams() ABSL_LOCKS_EXCLUDED(mutex_);

  // New streams are told that the hub drains; the others read no further frame.
  void StopReading() ABSL_LOCKS_EXCLUDED(mutex_);

  // True if no stream has anything left to answer or to write.
  bool AllIdle() ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends every stream.
  void EndAll(v1::Goodbye::Why why, const std::string& message) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // The streams that live, forgetting the others.
  std::vector<std::shared_ptr<NodeStream>> Streams() ABSL_LOCKS_EXCLUDED(mutex_);

  void ForgetTheDead() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Refuse() const;

  const GatewayContext& context_;
  absl::Mutex mutex_;
  std::vector<std::weak_ptr<NodeStream>> streams_ ABSL_GUARDED_BY(mutex_);
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace sessionhub::hub

#endif  // HUB_GATEWAY_HUB_SERVICE_H_
