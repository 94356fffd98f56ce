// FanOut: the server's side of `fan_out`: streams that get the same bytes all at once, by bare
// callback writes.
//
// Thread-safety: gRPC's threads add streams and end them, any thread writes.
#ifndef BENCH_LIMITS_FAN_OUT_H_
#define BENCH_LIMITS_FAN_OUT_H_

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"

namespace sessionhub::bench {

class FanOut {
 public:
  class Stream;

  FanOut();
  // All streams must have ended: after the server.
  ~FanOut();

  // For a new call: its first message comes at once, to say that it is there.
  grpc::ServerGenericBidiReactor* AddStream() ABSL_LOCKS_EXCLUDED(mutex_);

  // A message for each stream. What a stream has not written yet waits; it is bounded by the
  // caller, who waits until all have arrived.
  void WriteToAll() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Remove(Stream* stream) ABSL_LOCKS_EXCLUDED(mutex_);

  const grpc::ByteBuffer message_;
  absl::Mutex mutex_;
  absl::flat_hash_set<Stream*> streams_ ABSL_GUARDED_BY(mutex_);  // delete themselves
};

}  // namespace sessionhub::bench

#endif  // BENCH_LIMITS_FAN_OUT_H_
