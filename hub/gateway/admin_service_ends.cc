// How operators end the stream of a node, or the hub.
#include <glog/logging.h>

#include <string>
#include <vector>

#include "hub/gateway/admin_service.h"
#include "proto/session/error_codes.h"
#include "proto/session/limits.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

// DRAINING is the farewell after which every client comes back, with back-off.
constexpr char kCutByOperator[] = "an operator has cut this stream: come back";

}  // namespace

absl::Status AdminService::CutNode(const std::string& app, const std::string& name) {
  RETURN_IF_ERROR(CheckName("app", app));
  RETURN_IF_ERROR(CheckName("node", name));
  for (const NodeListing& node : context_.registry->List()) {
    if (!node.attached || node.app_name != app || node.name != name) continue;
    LOG(INFO) << "event=node_disconnected app=" << app << " name=" << name << " peer=" << node.peer
              << " effect=\"its lease goes on; it comes back by itself\"";
    context_.registry->EndStream(node.origin, v1::Goodbye::DRAINING, kCutByOperator);
    return absl::OkStatus();
  }
  return ErrorStatus(CallError::kNotThere,
                     "no node " + name + " of app " + app +
                         " is attached: sessionhubctl nodes shows those that are");
}

grpc::Status AdminService::DisconnectNode(grpc::ServerContext*,
                                          const v1::DisconnectNodeRequest* request,
                                          v1::DisconnectNodeResponse*) {
  return ToGrpcStatus(CutNode(request->app(), request->name()));
}

grpc::Status AdminService::Drain(grpc::ServerContext* call, const v1::DrainRequest*,
                                 v1::DrainResponse* response) {
  if (!context_.ask_to_stop) {
    return ToGrpcStatus(ErrorStatus(CallError::kHubEmbedded,
                                    "this hub runs inside another program: stop that program"));
  }
  LOG(INFO) << "event=drain_asked peer=" << call->peer();
  response->set_drain_ms(context_.drain_ms);
  context_.ask_to_stop();
  return grpc::Status::OK;
}

}  // namespace sessionhub::hub
