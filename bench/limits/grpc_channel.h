// A connection of its own to a server of this program.
#ifndef BENCH_LIMITS_GRPC_CHANNEL_H_
#define BENCH_LIMITS_GRPC_CHANNEL_H_

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"

namespace sessionhub::bench {

// To a port of the loopback address; shared with no other channel of this process. Thread-safe.
// DeadlineExceeded if that takes more than 10 s.
absl::StatusOr<std::shared_ptr<grpc::Channel>> ConnectChannel(uint16_t port);

}  // namespace sessionhub::bench

#endif  // BENCH_LIMITS_GRPC_CHANNEL_H_
