#include "tests/integration/fake_admin.h"

#include <algorithm>
#include <thread>

namespace sessionhub::testing {
namespace {

const grpc::Status& NotFound() {
  static const grpc::Status status(grpc::StatusCode::NOT_FOUND, "no session has this id");
  return status;
}

}  // namespace

FakeAdmin::FakeAdmin() {
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
  endpoint_ = "127.0.0.1:" + std::to_string(port);
}

FakeAdmin::~FakeAdmin() {
  server_->Shutdown();
}

grpc::Status FakeAdmin::Begin(grpc::ServerContext* context) {
  ++calls_;
  // gRPC's synchronous service has no other way to wait for the caller's end than to look.
  while (silent && !context->IsCancelled()) std::this_thread::yield();
  return failure;
}

grpc::Status FakeAdmin::GetStatus(grpc::ServerContext* context, const v1::GetStatusRequest*,
                                  v1::GetStatusResponse* response) {
  *response = status;
  return Begin(context);
}

grpc::Status FakeAdmin::ListNodes(grpc::ServerContext* context, const v1::ListNodesRequest*,
                                  v1::ListNodesResponse* response) {
  *response = nodes;
  return Begin(context);
}

grpc::Status FakeAdmin::ListSessions(grpc::ServerContext* context,
                                     const v1::ListSessionsRequest* request,
                                     v1::ListSessionsResponse* response) {
  asked_owner = request->owner();
  // The page token is the last id of the page before.
  const uint32_t page_size =
      request->page_size() == 0 ? 100 : std::min<uint32_t>(request->page_size(), 1000);
  auto session = request->page_token().empty() || repeats_a_page
                     ? sessions.begin()
                     : sessions.upper_bound(request->page_token());
  if (request->app() != "shop") session = sessions.end();
  for (uint32_t i = 0; i < page_size && session != sessions.end(); ++i, ++session) {
    *response->add_sessions() = session->second.summary();
  }
  if (session != sessions.end()) {
    response->set_next_page_token(response->sessions(response->sessions_size() - 1).id());
  }
  return Begin(context);
}

grpc::Status FakeAdmin::CountSessions(grpc::ServerContext* context,
                                      const v1::CountSessionsRequest* request,
                                      v1::CountSessionsResponse* response) {
  asked_owner = request->owner();
  response->set_sessions(sessions.size());
  return Begin(context);
}

grpc::Status FakeAdmin::DeleteSessionsOfOwner(grpc::ServerContext* context,
                                              const v1::DeleteSessionsOfOwnerRequest* request,
                                              v1::DeleteSessionsOfOwnerResponse* response) {
  asked_owner = request->owner();
  response->set_deleted(sessions.size());
  response->set_expired(expires && request->as_expired());
  return Begin(context);
}

grpc::Status FakeAdmin::GetSession(grpc::ServerContext* context,
                                   const v1::GetSessionRequest* request,
                                   v1::GetSessionResponse* response) {
  const auto session = sessions.find(request->id());
  if (request->app() != "shop" || session == sessions.end()) return NotFound();
  *response = session->second;
  return Begin(context);
}

grpc::Status FakeAdmin::DeleteSession(grpc::ServerContext* context,
                                      const v1::DeleteSessionRequest* request,
                                      v1::DeleteSessionResponse* response) {
  ++deletes_;
  const auto session = sessions.find(request->id());
  if (request->app() != "shop" || session == sessions.end()) return NotFound();
  response->set_number(session->second.summary().number());
  response->set_version(session->second.summary().version() + 1);
  response->set_expired(expires && request->as_expired());
  return Begin(context);
}

grpc::Status FakeAdmin::FinalizeUpgrade(grpc::ServerContext* context,
                                        const v1::FinalizeUpgradeRequest* request,
                                        v1::FinalizeUpgradeResponse* response) {
  ++finalizes_;
  response->set_format(request->format());
  response->set_format_before(status.format());
  return Begin(context);
}

grpc::Status FakeAdmin::CreateBackup(grpc::ServerContext* context,
                                     const v1::CreateBackupRequest* request,
                                     v1::CreateBackupResponse* response) {
  asked_backup = *request;
  response->mutable_backup()->set_id(7);
  response->mutable_backup()->set_size_bytes(4711);
  response->set_duration_ms(12);
  response->add_removed(3);
  response->set_not_removed(why_not_removed);
  return Begin(context);
}

grpc::Status FakeAdmin::ListBackups(grpc::ServerContext* context, const v1::ListBackupsRequest*,
                                    v1::ListBackupsResponse* response) {
  *response = backups;
  return Begin(context);
}

grpc::Status FakeAdmin::DisconnectNode(grpc::ServerContext* context,
                                       const v1::DisconnectNodeRequest* request,
                                       v1::DisconnectNodeResponse*) {
  asked_disconnect = *request;
  return Begin(context);
}

grpc::Status FakeAdmin::Drain(grpc::ServerContext* context, const v1::DrainRequest*,
                              v1::DrainResponse* response) {
  ++drains_;
  response->set_drain_ms(10'000);
  return Begin(context);
}

}  // namespace sessionhub::testing
