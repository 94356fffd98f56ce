#include "client/cpp/src/unary_calls.h"

#include <grpcpp/grpcpp.h>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/cpp/src/channel.h"
#include "sessionhub/v1/admin.grpc.pb.h"

namespace sessionhub::client {
namespace {

// While the hub is away: each call waits for it as long as it may.
constexpr int kReconnectMs = 100;

grpc::ChannelArguments UnaryArguments() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kReconnectMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMs);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return arguments;
}

class GrpcUnaryCalls final : public UnaryCalls {
 public:
  GrpcUnaryCalls(const std::string& endpoint, const ClientOptions& options)
      : options_(options),
        stub_(v1::Admin::NewStub(MakeChannel(endpoint, options, UnaryArguments()))) {}

  absl::StatusOr<v1::ListSessionsResponse> ListSessions(
      const v1::ListSessionsRequest& request, std::chrono::milliseconds timeout) override {
    return Call<v1::ListSessionsResponse>(&v1::Admin::Stub::ListSessions, request, timeout);
  }
  absl::StatusOr<v1::CountSessionsResponse> CountSessions(
      const v1::CountSessionsRequest& request, std::chrono::milliseconds timeout) override {
    return Call<v1::CountSessionsResponse>(&v1::Admin::Stub::CountSessions, request, timeout);
  }
  absl::StatusOr<v1::DeleteSessionsOfOwnerResponse> DeleteSessionsOfOwner(
      const v1::DeleteSessionsOfOwnerRequest& request, std::chrono::milliseconds timeout) override {
    return Call<v1::DeleteSessionsOfOwnerResponse>(&v1::Admin::Stub::DeleteSessionsOfOwner, request,
                                                   timeout);
  }

 private:
  template <typename Response, typename Request>
  absl::StatusOr<Response> Call(grpc::Status (v1::Admin::Stub::*method)(grpc::ClientContext*,
                                                                        const Request&, Response*),
                                const Request& request, std::chrono::milliseconds timeout) {
    grpc::ClientContext context;
    // Abseil's times do not overflow, however long the caller would wait.
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::FromChrono(timeout)));
    context.set_wait_for_ready(true);
    ShowToken(options_, &context);
    Response response;
    const grpc::Status status = (stub_.get()->*method)(&context, request, &response);
    if (status.ok()) return response;
    return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  }

  const ClientOptions& options_;
  const std::unique_ptr<v1::Admin::Stub> stub_;
};

}  // namespace

std::shared_ptr<UnaryCalls> UnaryCalls::To(const std::string& endpoint,
                                           const ClientOptions& options) {
  return std::make_shared<GrpcUnaryCalls>(endpoint, options);
}

}  // namespace sessionhub::client
