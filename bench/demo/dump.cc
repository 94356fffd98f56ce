#include "bench/demo/dump.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "bench/demo/carts_writer.h"
#include "proto/session/status_macros.h"
#include "sessionhub/v1/admin.grpc.pb.h"

namespace sessionhub::bench {
namespace {

constexpr std::chrono::seconds kCallTimeout{10};

absl::Status FromGrpc(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

template <typename Request, typename Response>
using Method = grpc::Status (v1::Admin::Stub::*)(grpc::ClientContext*, const Request&, Response*);

template <typename Request, typename Response>
absl::Status Call(v1::Admin::Stub* hub, Method<Request, Response> method, const Request& request,
                  Response* response) {
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  context.set_deadline(std::chrono::system_clock::now() + kCallTimeout);
  return FromGrpc((hub->*method)(&context, request, response));
}

absl::Status DumpSessions(const DumpOptions& options, v1::Admin::Stub* hub, std::ostream* output) {
  std::ifstream ids(options.ids_path);
  if (!ids) return absl::NotFoundError("cannot read " + options.ids_path);
  for (std::string id; std::getline(ids, id);) {
    v1::GetSessionRequest request;
    request.set_app(options.app);
    request.set_id(id);
    v1::GetSessionResponse response;
    const absl::Status status = Call(hub, &v1::Admin::Stub::GetSession, request, &response);
    if (status.code() == absl::StatusCode::kNotFound) continue;
    RETURN_IF_ERROR(status);
    nlohmann::json fields = nlohmann::json::object();
    for (const v1::Op& op : response.fields()) fields[op.path()] = ToJson(op);
    *output << FormatCart(id, response.summary().version(), std::move(fields));
  }
  return absl::OkStatus();
}

absl::Status DumpNodes(const DumpOptions& options, v1::Admin::Stub* hub, std::ostream* output) {
  v1::ListNodesResponse response;
  RETURN_IF_ERROR(Call(hub, &v1::Admin::Stub::ListNodes, v1::ListNodesRequest(), &response));
  nlohmann::json nodes = nlohmann::json::array();
  for (const v1::Node& node : response.nodes()) {
    if (node.app() != options.app) continue;
    nodes.push_back({{"name", node.name()},
                     {"attached", node.attached()},
                     {"forwards", node.forwards()},
                     {"interests", node.interests()}});
  }
  *output << nodes.dump() << "\n";
  return absl::OkStatus();
}

}  // namespace

absl::Status RunDump(const DumpOptions& options) {
  const std::unique_ptr<v1::Admin::Stub> hub =
      v1::Admin::NewStub(grpc::CreateChannel(options.endpoint, grpc::InsecureChannelCredentials()));
  std::ofstream output(options.output_path, std::ios::trunc);
  RETURN_IF_ERROR(options.ids_path.empty() ? DumpNodes(options, hub.get(), &output)
                                           : DumpSessions(options, hub.get(), &output));
  output.flush();
  if (!output) return absl::UnavailableError("cannot write " + options.output_path);
  return absl::OkStatus();
}

}  // namespace sessionhub::bench
