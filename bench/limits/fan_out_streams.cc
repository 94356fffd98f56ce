#include "bench/limits/fan_out_streams.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "bench/limits/echo_server.h"
#include "bench/limits/grpc_channel.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {

class FanOutStreams::Stream final
    : private grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  Stream(Round* round, std::shared_ptr<grpc::Channel> channel)
      : round_(*round), stub_(std::move(channel)) {
    stub_.PrepareBidiStreamingCall(&context_, kFanOutMethod, {}, this);
    StartRead(&heard_);
    StartCall();
  }
  // After Cancel. Waits until gRPC has done with it.
  ~Stream() override {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&done_));
  }

  void Cancel() { context_.TryCancel(); }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) return;
    StartRead(&heard_);
    round_.Hear();
  }
  void OnDone(const grpc::Status&) override {
    absl::MutexLock lock(&mutex_);
    done_ = true;
  }

  Round& round_;
  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  grpc::ByteBuffer heard_;
  absl::Mutex mutex_;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
};

FanOutStreams::FanOutStreams() = default;

FanOutStreams::~FanOutStreams() {
  for (const auto& stream : streams_) stream->Cancel();
  streams_.clear();
}

absl::Status FanOutStreams::Connect(uint16_t port, size_t count) {
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (size_t i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(channels.emplace_back(), ConnectChannel(port));
  }
  round_.Begin(count);
  for (auto& channel : channels) {
    streams_.push_back(std::make_unique<Stream>(&round_, std::move(channel)));
  }
  return AwaitRound();
}

}  // namespace sessionhub::bench
