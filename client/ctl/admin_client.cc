#include "client/ctl/admin_client.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <utility>

#include "client/cpp/src/channel.h"
#include "proto/session/status_macros.h"

namespace sessionhub::ctl {
namespace {

constexpr uint64_t kPageSessionsMax = 1000;
// A hub that was away for long is found again within this; gRPC's own default is two minutes.
constexpr int kReconnectMsMax = 2'000;

std::shared_ptr<grpc::Channel> ChannelTo(const std::string& endpoint,
                                         const ClientOptions& options) {
  grpc::ChannelArguments arguments;
  // A session may be larger than gRPC's default of 4 MiB; the hub bounds it.
  arguments.SetMaxReceiveMessageSize(-1);
  // The hub is on the operator's own network: a proxy from the environment is never meant.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMsMax);
  return client::MakeChannel(endpoint, options, arguments);
}

}  // namespace

AdminClient::AdminClient(ClientOptions options, std::chrono::milliseconds timeout)
    : options_(std::move(options)),
      endpoint_(options_.endpoints.front()),
      timeout_(timeout),
      stub_(v1::Admin::NewStub(ChannelTo(endpoint_, options_))) {}

template <typename Request, typename Response>
absl::StatusOr<Response> AdminClient::Call(
    grpc::Status (v1::Admin::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
    const Request& request) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + timeout_);
  client::ShowToken(options_, &context);
  Response response;
  const grpc::Status status = (stub_.get()->*method)(&context, request, &response);
  if (status.ok()) return response;
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                      endpoint_ + ": " + status.error_message());
}

absl::StatusOr<v1::GetStatusResponse> AdminClient::GetStatus() {
  return Call(&v1::Admin::Stub::GetStatus, v1::GetStatusRequest());
}

absl::StatusOr<v1::ListNodesResponse> AdminClient::ListNodes() {
  return Call(&v1::Admin::Stub::ListNodes, v1::ListNodesRequest());
}

absl::StatusOr<bool> AdminClient::ListSessions(
    const std::string& app, const std::string& owner, uint64_t count_max, bool full_ids,
    const std::function<absl::Status(const v1::ListSessionsResponse& page)>& visit) {
  v1::ListSessionsRequest request;
  request.set_app(app);
  request.set_owner(owner);
  request.set_cut_ids(!full_ids);
  uint64_t count = 0;
  for (;;) {
    const uint64_t wanted = count_max == 0 ? kPageSessionsMax : count_max - count;
    request.set_page_size(static_cast<uint32_t>(std::min(wanted, kPageSessionsMax)));
    ASSIGN_OR_RETURN(v1::ListSessionsResponse page, Call(&v1::Admin::Stub::ListSessions, request));
    count += static_cast<uint64_t>(page.sessions_size());
    RETURN_IF_ERROR(visit(page));
    if (page.next_page_token().empty()) return true;
    if (count_max != 0 && count >= count_max) return false;
    if (page.next_page_token() == request.page_token()) {
      return absl::InternalError(endpoint_ + ": the hub repeats a page of its sessions");
    }
    request.set_page_token(page.next_page_token());
  }
}

absl::StatusOr<v1::CountSessionsResponse> AdminClient::CountSessions(const std::string& app,
                                                                     const std::string& owner) {
  v1::CountSessionsRequest request;
  request.set_app(app);
  request.set_owner(owner);
  return Call(&v1::Admin::Stub::CountSessions, request);
}

absl::StatusOr<v1::DeleteSessionsOfOwnerResponse> AdminClient::DeleteSessionsOfOwner(
    const std::string& app, const std::string& owner, bool as_expired) {
  v1::DeleteSessionsOfOwnerRequest request;
  request.set_app(app);
  request.set_owner(owner);
  request.set_as_expired(as_expired);
  return Call(&v1::Admin::Stub::DeleteSessionsOfOwner, request);
}

absl::StatusOr<v1::GetSessionResponse> AdminClient::GetSession(const std::string& app,
                                                               const std::string& id) {
  v1::GetSessionRequest request;
  request.set_app(app);
  request.set_id(id);
  return Call(&v1::Admin::Stub::GetSession, request);
}

absl::StatusOr<v1::DeleteSessionResponse> AdminClient::DeleteSession(const std::string& app,
                                                                     const std::string& id,
                                                                     bool as_expired) {
  v1::DeleteSessionRequest request;
  request.set_app(app);
  request.set_id(id);
  request.set_as_expired(as_expired);
  return Call(&v1::Admin::Stub::DeleteSession, request);
}

absl::StatusOr<v1::FinalizeUpgradeResponse> AdminClient::FinalizeUpgrade(uint32_t format) {
  v1::FinalizeUpgradeRequest request;
  request.set_format(format);
  return Call(&v1::Admin::Stub::FinalizeUpgrade, request);
}

absl::StatusOr<v1::CreateBackupResponse> AdminClient::CreateBackup(uint32_t keep) {
  v1::CreateBackupRequest request;
  request.set_keep(keep);
  return Call(&v1::Admin::Stub::CreateBackup, request);
}

absl::StatusOr<v1::ListBackupsResponse> AdminClient::ListBackups() {
  return Call(&v1::Admin::Stub::ListBackups, v1::ListBackupsRequest());
}

absl::StatusOr<v1::DisconnectNodeResponse> AdminClient::DisconnectNode(const std::string& app,
                                                                       const std::string& name) {
  v1::DisconnectNodeRequest request;
  request.set_app(app);
  request.set_name(name);
  return Call(&v1::Admin::Stub::DisconnectNode, request);
}

absl::StatusOr<v1::DrainResponse> AdminClient::Drain() {
  return Call(&v1::Admin::Stub::Drain, v1::DrainRequest());
}

}  // namespace sessionhub::ctl
