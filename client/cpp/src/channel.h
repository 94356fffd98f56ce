// Channel: a connection to a hub with what the client's options say of security: whom the client
// takes for the hub, and what it shows of itself. For those parts that know gRPC.
#ifndef CLIENT_CPP_SRC_CHANNEL_H_
#define CLIENT_CPP_SRC_CHANNEL_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "sessionhub/options.h"

namespace sessionhub::client {

// InvalidArgument if the token has characters that no token has, or the TLS files contradict each
// other; NotFound and the like if one cannot be read.
absl::Status CheckSecurity(const ClientOptions& options);

// Does not wait. Reads the TLS files, so that one that has been replaced counts from now on; if one
// cannot be read, every call on the channel fails.
std::shared_ptr<grpc::Channel> MakeChannel(const std::string& endpoint,
                                           const ClientOptions& options,
                                           grpc::ChannelArguments arguments);

// Shows the token, if there is one, with a call.
void ShowToken(const ClientOptions& options, grpc::ClientContext* call);

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_CHANNEL_H_
