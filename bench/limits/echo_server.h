// The server of `echo` and `fan_out`: a process that sends back each message of each stream of the
// one method, and the same message to all streams of the other; as bytes that nobody looks at.
// Knows nothing of the hub and its schema.
#ifndef BENCH_LIMITS_ECHO_SERVER_H_
#define BENCH_LIMITS_ECHO_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/demo/process.h"

namespace sessionhub::bench {

inline constexpr char kEchoMethod[] = "/sessionhub.bench/Echo";
inline constexpr char kFanOutMethod[] = "/sessionhub.bench/FanOut";
// Of a message. About a commit of one field of 16 bytes, or its forward.
inline constexpr size_t kGrpcMessageBytes = 40;

// From inside: serves on a free port of the loopback address, prints the port as a line, writes to
// all streams of kFanOutMethod for each byte of its standard input, and ends with that. Unavailable
// if there is no port.
absl::Status RunEchoServer();

// From outside. Belongs to the main thread, which starts the process; ends it when destroyed.
class EchoServer {
 public:
  // What it prints goes to `folder`. Returns once it listens: Unavailable if it ends before,
  // DeadlineExceeded after 60 s.
  static absl::StatusOr<EchoServer> Start(const std::string& folder);

  pid_t pid() const { return process_->pid(); }
  // One message to each stream of kFanOutMethod; returns at once. Unavailable if it has ended.
  absl::Status WriteToAll() const;

  uint16_t port() const { return port_; }

 private:
  EchoServer(std::unique_ptr<ChildProcess> process, uint16_t port)
      : process_(std::move(process)), port_(port) {}

  std::unique_ptr<ChildProcess> process_;
  uint16_t port_;
};

}  // namespace sessionhub::bench

#endif  // BENCH_LIMITS_ECHO_SERVER_H_
