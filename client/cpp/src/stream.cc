#include "client/cpp/src/stream.h"

#include <grpcpp/grpcpp.h>

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "client/cpp/src/channel.h"
#include "proto/session/windows.h"
#include "sessionhub/v1/hub.grpc.pb.h"

namespace sessionhub::client {
namespace {

// Above every frame_bytes_max that a hub may be told to use.
constexpr int kMessageBytesMax = 64 << 20;
constexpr int kConnectMs = 5'000;
// The heartbeats of both sides find a dead peer; these find a dead path below them.
constexpr int kKeepaliveMs = 30'000;
constexpr int kKeepaliveTimeoutMs = 10'000;

grpc::ChannelArguments StreamArguments() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMessageBytesMax);
  arguments.SetMaxSendMessageSize(kMessageBytesMax);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectMs);
  // A channel for each try, with its own connection: the pauses between tries are the client's.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // A stream that fails is begun anew by the client; gRPC would keep what was written for that.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kWindowBytes);
  return arguments;
}

class GrpcStream final : public Stream,
                         public grpc::ClientBidiReactor<v1::NodeFrame, v1::HubFrame>,
                         public std::enable_shared_from_this<GrpcStream> {
 public:
  GrpcStream(const std::string& endpoint, const ClientOptions& options,
             std::shared_ptr<StreamEvents> events, uint64_t number)
      : number_(number),
        events_(std::move(events)),
        stub_(v1::Hub::NewStub(MakeChannel(endpoint, options, StreamArguments()))) {
    context_.set_wait_for_ready(false);
    ShowToken(options, &context_);
    stub_->async()->Attach(&context_, this);
  }

  void Start() override {
    self_ = shared_from_this();
    // Writes start outside of reactions, so the call must not be over while one may come.
    AddHold();
    StartRead(&in_);
    StartCall();
  }

  void Write(v1::NodeFrame frame) override {
    absl::MutexLock lock(&mutex_);
    if (ended_) return;
    out_ = std::move(frame);
    StartWrite(&out_);
  }

  void EndWrites() override {
    absl::MutexLock lock(&mutex_);
    if (!ended_) StartWritesDone();
  }

  void Cancel() override { context_.TryCancel(); }

  void OnReadDone(bool ok) override {
    if (ok) {
      events_->OnFrame(number_, in_);
      StartRead(&in_);
      return;
    }
    absl::MutexLock lock(&mutex_);
    ended_ = true;
    RemoveHold();
  }

  void OnWriteDone(bool ok) override {
    if (ok) events_->OnWritable(number_);  // else the read fails too, and ends the call
  }

  void OnDone(const grpc::Status& status) override {
    // OnEnd lets the owner destroy this stream, on a thread of its own.
    const std::shared_ptr<StreamEvents> events = events_;
    const uint64_t number = number_;
    self_.reset();
    events->OnEnd(number, absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                                       status.error_message()));
  }

 private:
  const uint64_t number_;
  const std::shared_ptr<StreamEvents> events_;
  const std::unique_ptr<v1::Hub::Stub> stub_;
  grpc::ClientContext context_;
  std::shared_ptr<GrpcStream> self_;  // until OnDone
  v1::HubFrame in_;                   // of the read in flight
  absl::Mutex mutex_;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  v1::NodeFrame out_;  // of the write in flight
};

}  // namespace

std::shared_ptr<Stream> Stream::To(const std::string& endpoint, const ClientOptions& options,
                                   std::shared_ptr<StreamEvents> events, uint64_t number) {
  return std::make_shared<GrpcStream>(endpoint, options, std::move(events), number);
}

}  // namespace sessionhub::client
