// Stream: one Attach call over gRPC. With unary_calls the only part of the client that knows
// gRPC.
#ifndef CLIENT_CPP_SRC_STREAM_H_
#define CLIENT_CPP_SRC_STREAM_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "sessionhub/options.h"
#include "sessionhub/v1/frames.pb.h"

namespace sessionhub::client {

// Told of a stream's events, on gRPC's threads, one call at a time for OnFrame and OnEnd;
// OnWritable may come beside OnFrame. `stream` is the number that Start was given.
class StreamEvents {
 public:
  virtual ~StreamEvents() = default;
  virtual void OnFrame(uint64_t stream, const v1::HubFrame& frame) = 0;
  // The frame given to Write has left: the next may come.
  virtual void OnWritable(uint64_t stream) = 0;
  // The last event of a stream; always comes.
  virtual void OnEnd(uint64_t stream, const absl::Status& status) = 0;
};

// Thread-safe. Its owner keeps it until OnEnd, and then destroys it on a thread that is not gRPC's.
// The last channel of a process waits for gRPC's threads when it goes, and a first one that is made
// meanwhile waits with it; those threads may be in the events of any stream of the process. So a
// stream is made and destroyed without a lock that an event takes.
class Stream {
 public:
  virtual ~Stream() = default;

  // One that has not begun: Start is to follow.
  static std::shared_ptr<Stream> To(const std::string& endpoint, const ClientOptions& options,
                                    std::shared_ptr<StreamEvents> events, uint64_t number);

  // Starts to connect and to read; does not wait. Fails fast if nobody listens at the endpoint.
  // Once, before all else.
  virtual void Start() = 0;

  // Sends `frame`. One write may be in flight: the next call needs an OnWritable before it. An
  // answer may well come before OnWritable.
  virtual void Write(v1::NodeFrame frame) = 0;
  // Nothing more will be written, after what has been: the hub reads all of it, then ends the
  // stream. No Write may be in flight.
  virtual void EndWrites() = 0;
  virtual void Cancel() = 0;
};

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_STREAM_H_
