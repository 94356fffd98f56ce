#include "bench/limits/grpc_channel.h"

#include <chrono>
#include <string>

namespace sessionhub::bench {
namespace {

constexpr std::chrono::seconds kChannelConnectMax{10};

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> ConnectChannel(uint16_t port) {
  const std::string endpoint = "127.0.0.1:" + std::to_string(port);
  grpc::ChannelArguments arguments;
  // Otherwise gRPC would let all channels of this process share one connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  std::shared_ptr<grpc::Channel> channel =
      grpc::CreateCustomChannel(endpoint, grpc::InsecureChannelCredentials(), arguments);
  if (channel->WaitForConnected(std::chrono::system_clock::now() + kChannelConnectMax)) {
    return channel;
  }
  return absl::DeadlineExceededError("the server at " + endpoint + " cannot be reached");
}

}  // namespace sessionhub::bench
