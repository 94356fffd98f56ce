#include "bench/limits/echo_server.h"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <deque>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "bench/limits/fan_out.h"
#include "hub/process_limits.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr std::chrono::milliseconds kEchoStartMax{60'000};

// One stream. Reads and writes at once; what waits is bounded by what the client has in flight.
// Deletes itself when gRPC is done with it.
class EchoReactor final : public grpc::ServerGenericBidiReactor {
 public:
  EchoReactor() { StartRead(&read_); }

  void OnReadDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    if (!ok) {
      read_all_ = true;
      if (waiting_.empty()) Finish(grpc::Status::OK);
      return;
    }
    waiting_.push_back(std::exchange(read_, {}));
    if (waiting_.size() == 1) StartWrite(&waiting_.front());
    StartRead(&read_);
  }

  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    waiting_.pop_front();
    if (!ok) waiting_.clear();
    if (!waiting_.empty()) {
      StartWrite(&waiting_.front());
    } else if (read_all_) {
      Finish(grpc::Status::OK);
    }
  }

  void OnDone() override { delete this; }

 private:
  grpc::ByteBuffer read_;
  absl::Mutex mutex_;
  std::deque<grpc::ByteBuffer> waiting_ ABSL_GUARDED_BY(mutex_);  // the first is being written
  bool read_all_ ABSL_GUARDED_BY(mutex_) = false;
};

class EchoService final : public grpc::CallbackGenericService {
 public:
  explicit EchoService(FanOut* fan_out) : fan_out_(fan_out) {}

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    if (context->method() == kFanOutMethod) return fan_out_->AddStream();
    return new EchoReactor;
  }

 private:
  FanOut* const fan_out_;
};

// The first line that it prints.
absl::StatusOr<std::string> AwaitLine(const ChildProcess& process, const std::string& output_path) {
  const auto deadline = std::chrono::steady_clock::now() + kEchoStartMax;
  std::string received;
  std::array<char, 64> block;
  while (received.find('\n') == std::string::npos) {
    if (std::chrono::steady_clock::now() >= deadline) {
      return absl::DeadlineExceededError("the echo server was not ready after 60 s");
    }
    pollfd readable = {process.out(), POLLIN, 0};
    poll(&readable, 1, 1'000);
    const ssize_t bytes = read(process.out(), block.data(), block.size());
    if (bytes == 0) {
      return absl::UnavailableError("the echo server has ended by itself; see " + output_path);
    }
    if (bytes > 0) received.append(block.data(), static_cast<size_t>(bytes));
  }
  return received.substr(0, received.find('\n'));
}

}  // namespace

absl::Status RunEchoServer() {
  hub::RaiseDescriptorsMax();
  FanOut fan_out;
  EchoService service(&fan_out);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterCallbackGenericService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (!server || port == 0) return absl::UnavailableError("the echo server gets no port");
  std::printf("%d\n", port);
  std::fflush(stdout);
  char ignored = 0;
  for (ssize_t bytes = 1; bytes > 0 || (bytes < 0 && errno == EINTR);) {
    bytes = read(STDIN_FILENO, &ignored, 1);
    if (bytes > 0) fan_out.WriteToAll();
  }
  server->Shutdown(std::chrono::system_clock::now());
  return absl::OkStatus();
}

absl::StatusOr<EchoServer> EchoServer::Start(const std::string& folder) {
  ChildProcess::Options options;
  options.argv = {ProgramFolder() + "/sessionhub-bench", "echo-server"};
  options.pipes = true;
  options.output_path = folder + "/echo-server.out";
  ASSIGN_OR_RETURN(std::unique_ptr<ChildProcess> process, ChildProcess::Start(options));
  ASSIGN_OR_RETURN(const std::string port, AwaitLine(*process, options.output_path));
  uint16_t number = 0;
  std::from_chars(port.data(), port.data() + port.size(), number);
  if (number == 0) return absl::InternalError("the echo server tells no port: " + port);
  return EchoServer(std::move(process), number);
}

absl::Status EchoServer::WriteToAll() const {
  if (write(process_->in(), "w", 1) == 1) return absl::OkStatus();
  return absl::UnavailableError("the server takes no commands any more");
}

}  // namespace sessionhub::bench
