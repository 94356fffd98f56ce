// EchoStream: one stream to the echo server, on a connection of its own, with so many messages in
// flight. Sends the next message from the callback that got an answer, so that no thread of ours
// stands between them.
//
// Started and awaited by one thread; between the two gRPC's threads have it.
#ifndef BENCH_LIMITS_ECHO_STREAM_H_
#define BENCH_LIMITS_ECHO_STREAM_H_

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "bench/limits/meter.h"

namespace sessionhub::bench {

class EchoStream final : private grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  // Connects to the loopback address, to send messages of so many bytes. DeadlineExceeded if that
  // takes more than 10 s.
  static absl::StatusOr<std::unique_ptr<EchoStream>> Connect(uint16_t port, size_t message_bytes);
  // Must be called before Start, or after Await.
  ~EchoStream() override = default;

  // Sends messages until the stretch is over, with at most `in_flight` (at least 1) unanswered.
  void Start(const Stretch& stretch, size_t in_flight) ABSL_LOCKS_EXCLUDED(mutex_);
  // Waits until every message is answered and the stream has ended, at most 30 s longer than the
  // stretch. Returns what was measured, or why the stream has broken.
  absl::StatusOr<Meter> Await() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  EchoStream(std::shared_ptr<grpc::Channel> channel, size_t message_bytes);

  void OnReadDone(bool ok) override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnWriteDone(bool ok) override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnDone(const grpc::Status& status) override ABSL_LOCKS_EXCLUDED(mutex_);
  // A message waits; it is written at once if no other is.
  void Submit() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::shared_ptr<grpc::Channel> channel_;
  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  const size_t message_bytes_;
  grpc::ByteBuffer message_;
  grpc::ByteBuffer answer_;

  absl::Mutex mutex_;
  Meter meter_ ABSL_GUARDED_BY(mutex_){Stretch()};
  std::deque<MeterTime> begun_ ABSL_GUARDED_BY(mutex_);  // of what is unanswered, oldest first
  size_t unwritten_ ABSL_GUARDED_BY(mutex_) = 0;         // the one being written among them
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sessionhub::bench

#endif  // BENCH_LIMITS_ECHO_STREAM_H_
