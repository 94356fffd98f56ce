#include "bench/overload/hub_status.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>

#include "proto/session/status_macros.h"
#include "sessionhub/v1/admin.grpc.pb.h"

namespace sessionhub::bench {
namespace {

constexpr std::chrono::seconds kStatusTimeout{30};
// A listing of thousands of nodes takes some hundred bytes for each.
constexpr int kListingBytesMax = 64 << 20;

void PrepareCall(grpc::ClientContext* context) {
  context->set_wait_for_ready(true);
  context->set_deadline(std::chrono::system_clock::now() + kStatusTimeout);
}

absl::Status ToStatus(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

}  // namespace

absl::StatusOr<nlohmann::json> ReadHubStatus(const std::string& endpoint) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kListingBytesMax);
  const std::unique_ptr<v1::Admin::Stub> hub = v1::Admin::NewStub(
      grpc::CreateCustomChannel(endpoint, grpc::InsecureChannelCredentials(), arguments));
  grpc::ClientContext status_call, list_call;
  PrepareCall(&status_call);
  PrepareCall(&list_call);
  v1::GetStatusResponse status;
  RETURN_IF_ERROR(ToStatus(hub->GetStatus(&status_call, {}, &status)));
  v1::ListNodesResponse listing;
  RETURN_IF_ERROR(ToStatus(hub->ListNodes(&list_call, {}, &listing)));
  nlohmann::json outbox_bytes = nlohmann::json::object();
  for (const v1::Node& node : listing.nodes()) {
    if (node.attached()) outbox_bytes[node.name()] = node.outbox_bytes();
  }
  return nlohmann::json{{"nodes", status.nodes()},
                        {"interests", status.interests()},
                        {"lapses", status.counters().lapses()},
                        {"catch_ups", status.counters().catch_ups()},
                        {"forwards", status.counters().forwards()},
                        {"turns", status.counters().turns()},
                        {"syncs", status.counters().syncs()},
                        {"outbox_bytes", std::move(outbox_bytes)}};
}

}  // namespace sessionhub::bench
