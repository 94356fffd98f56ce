#include "bench/limits/echo_stream.h"

#include <chrono>
#include <string>
#include <utility>

#include "bench/limits/echo_server.h"
#include "bench/limits/grpc_channel.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr double kEchoPatienceSeconds = 30;

}  // namespace

absl::StatusOr<std::unique_ptr<EchoStream>> EchoStream::Connect(uint16_t port,
                                                                size_t message_bytes) {
  ASSIGN_OR_RETURN(std::shared_ptr<grpc::Channel> channel, ConnectChannel(port));
  return std::unique_ptr<EchoStream>(new EchoStream(std::move(channel), message_bytes));
}

EchoStream::EchoStream(std::shared_ptr<grpc::Channel> channel, size_t message_bytes)
    : channel_(std::move(channel)), stub_(channel_), message_bytes_(message_bytes) {}

void EchoStream::Start(const Stretch& stretch, size_t in_flight) {
  const grpc::Slice bytes(std::string(message_bytes_, 'x'));
  message_ = grpc::ByteBuffer(&bytes, 1);
  const std::chrono::duration<double> left = stretch.end - std::chrono::steady_clock::now();
  context_.set_deadline(std::chrono::system_clock::now() +
                        std::chrono::duration_cast<std::chrono::microseconds>(
                            left + std::chrono::duration<double>(kEchoPatienceSeconds)));
  stub_.PrepareBidiStreamingCall(&context_, kEchoMethod, {}, this);
  absl::MutexLock lock(&mutex_);
  meter_ = Meter(stretch);
  for (size_t i = 0; i < in_flight; ++i) Submit();
  StartRead(&answer_);
  StartCall();
}

void EchoStream::Submit() {
  begun_.push_back(std::chrono::steady_clock::now());
  if (++unwritten_ == 1) StartWrite(&message_);
}

void EchoStream::OnReadDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  if (!ok) return;
  const MeterTime now = std::chrono::steady_clock::now();
  meter_.Add(begun_.front(), now);
  begun_.pop_front();
  if (!meter_.Over(now)) {
    Submit();
  } else if (begun_.empty() && !std::exchange(ending_, true)) {
    StartWritesDone();
  }
  StartRead(&answer_);
}

void EchoStream::OnWriteDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  --unwritten_;
  if (ok && unwritten_ > 0) StartWrite(&message_);
}

void EchoStream::OnDone(const grpc::Status& status) {
  absl::MutexLock lock(&mutex_);
  status_ = status;
  done_ = true;
}

absl::StatusOr<Meter> EchoStream::Await() {
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&done_));  // the call has a deadline
  if (status_.ok()) return meter_;
  return absl::UnavailableError("a stream to the echo server has broken: " +
                                status_.error_message());
}

}  // namespace sessionhub::bench
