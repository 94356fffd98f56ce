// HubService: the gRPC service that nodes use. Makes a NodeStream for each Attach and keeps track
// of them.
#ifndef HUB_GATEWAY_HUB_SERVICE_H_
#define HUB_GATEWAY_HUB_SERVICE_H_

#include <grpcpp/grpcpp.h>

#include <cstddef>
#include <cstdint>
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
  explicit HubService(const GatewayContext& context)
      : context_(context), streams_max_(context.streams_max) {}

  // Past the most streams that there may be, one ends at once, UNAVAILABLE; without a token that
  // lets it in, UNAUTHENTICATED, or PERMISSION_DENIED.
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Attach(
      grpc::CallbackServerContext* call) override ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends the streams whose callers are not let in any more: their tokens are revoked or expired.
  void EndRefused() ABSL_LOCKS_EXCLUDED(mutex_);

  // For the hub's clock: twice in each heartbeat.
  void TickStreams() ABSL_LOCKS_EXCLUDED(mutex_);

  // Growth goes on: each stream goes on with what waited for it.
  void PumpStreams() ABSL_LOCKS_EXCLUDED(mutex_);

  // Another bound than context.streams_max from here on. Streams that are past it go on.
  void SetStreamsMax(size_t streams_max) ABSL_LOCKS_EXCLUDED(mutex_);

  // Time has passed: streams whose app is within its rates again go on.
  void PumpSlowedStreams() ABSL_LOCKS_EXCLUDED(mutex_);

  // New streams are told that the hub drains; the others read no further frame.
  void StopReading() ABSL_LOCKS_EXCLUDED(mutex_);

  // True if no stream has anything left to answer or to write.
  bool AllIdle() ABSL_LOCKS_EXCLUDED(mutex_);

  // How full the streams are, looked at one by one.
  struct Fill {
    size_t streams = 0;
    size_t streams_max = 0;          // the bound, as it is set now
    uint64_t streams_refused = 0;    // past streams_max, since the start
    uint64_t in_flight_deltas = 0;   // of all streams
    uint64_t in_flight_largest = 0;  // of one
    size_t held_bytes = 0;           // of all streams
    size_t held_bytes_largest = 0;   // of one
  };
  Fill GetFill() ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends every stream.
  void EndAll(v1::Goodbye::Why why, const std::string& message) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // The streams that live, forgetting the others.
  std::vector<std::shared_ptr<NodeStream>> Streams() ABSL_LOCKS_EXCLUDED(mutex_);

  void ForgetTheDead() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<Caller> CallerOf(const grpc::CallbackServerContext& call) const;
  // Unavailable if one stream more is one too many.
  absl::Status MakeRoom() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* TurnAway(
      const Caller& caller, const std::string& peer, const absl::Status& why) const;

  const GatewayContext& context_;
  absl::Mutex mutex_;
  std::vector<std::weak_ptr<NodeStream>> streams_ ABSL_GUARDED_BY(mutex_);
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  size_t streams_max_ ABSL_GUARDED_BY(mutex_);
  uint64_t streams_refused_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace sessionhub::hub

#endif  // HUB_GATEWAY_HUB_SERVICE_H_
