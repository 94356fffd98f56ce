#include "bench/limits/fan_out_streams.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <string>
#include <utility>

#include "absl/time/time.h"
#include "bench/limits/echo_server.h"
#include "bench/limits/grpc_channel.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr absl::Duration kRoundMax = absl::Seconds(10);

}  // namespace

class FanOutStreams::Stream final
    : private grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  Stream(FanOutStreams* streams, std::shared_ptr<grpc::Channel> channel)
      : streams_(streams), stub_(std::move(channel)) {
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
    streams_->Hear();
  }
  void OnDone(const grpc::Status&) override {
    absl::MutexLock lock(&mutex_);
    done_ = true;
  }

  FanOutStreams* const streams_;
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
  missing_ = count;
  for (auto& channel : channels) {
    streams_.push_back(std::make_unique<Stream>(this, std::move(channel)));
  }
  return AwaitRound();
}

void FanOutStreams::BeginRound() {
  {
    absl::MutexLock lock(&mutex_);
    all_have_heard_ = false;
  }
  missing_ = streams_.size();
}

void FanOutStreams::Hear() {
  if (--missing_ > 0) return;
  absl::MutexLock lock(&mutex_);
  all_have_heard_ = true;
}

absl::Status FanOutStreams::AwaitRound() {
  absl::MutexLock lock(&mutex_);
  if (mutex_.AwaitWithTimeout(absl::Condition(&all_have_heard_), kRoundMax)) {
    return absl::OkStatus();
  }
  return absl::DeadlineExceededError(std::to_string(missing_) + " streams of " +
                                     std::to_string(streams_.size()) +
                                     " have not heard within 10 s");
}

}  // namespace sessionhub::bench
