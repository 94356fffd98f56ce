#include "bench/limits/fan_out.h"

#include <cstddef>
#include <string>

#include "bench/limits/echo_server.h"

namespace sessionhub::bench {
namespace {

grpc::ByteBuffer FanOutMessage() {
  const grpc::Slice bytes(std::string(kGrpcMessageBytes, 'x'));
  return {&bytes, 1};
}

}  // namespace

// Writes what waits, one message after the other. Reads only to see the client go.
class FanOut::Stream final : public grpc::ServerGenericBidiReactor {
 public:
  explicit Stream(FanOut* fan_out) : fan_out_(fan_out) { StartRead(&read_); }

  void Write() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (!ended_ && ++unwritten_ == 1) StartWrite(&fan_out_->message_);
  }

  void OnReadDone(bool ok) override {
    if (ok) {
      StartRead(&read_);
      return;
    }
    absl::MutexLock lock(&mutex_);
    ended_ = true;
    if (unwritten_ == 0) Finish(grpc::Status::OK);
  }

  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    unwritten_ = ok && !ended_ ? unwritten_ - 1 : 0;
    if (unwritten_ > 0) StartWrite(&fan_out_->message_);
    if (ended_) Finish(grpc::Status::OK);
  }

  void OnDone() override {
    fan_out_->Remove(this);
    delete this;
  }

 private:
  FanOut* const fan_out_;
  grpc::ByteBuffer read_;
  absl::Mutex mutex_;
  size_t unwritten_ ABSL_GUARDED_BY(mutex_) = 0;  // with the one that is being written
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
};

FanOut::FanOut() : message_(FanOutMessage()) {}

FanOut::~FanOut() = default;

grpc::ServerGenericBidiReactor* FanOut::AddStream() {
  auto* const stream = new Stream(this);
  absl::MutexLock lock(&mutex_);
  streams_.insert(stream);
  stream->Write();
  return stream;
}

void FanOut::WriteToAll() {
  absl::MutexLock lock(&mutex_);
  for (Stream* const stream : streams_) stream->Write();
}

void FanOut::Remove(Stream* stream) {
  absl::MutexLock lock(&mutex_);
  streams_.erase(stream);
}

}  // namespace sessionhub::bench
