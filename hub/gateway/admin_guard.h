// AdminGuard: the Admin service as callers meet it. Asks who calls, refuses what the caller's role
// may not do, cuts from the answer what it may not see, and writes each call into the audit.
//
// It has a method for each call. One that is added to the schema and not here is UNIMPLEMENTED,
// never open.
#ifndef HUB_GATEWAY_ADMIN_GUARD_H_
#define HUB_GATEWAY_ADMIN_GUARD_H_

#include <grpcpp/grpcpp.h>

#include <string>

#include "absl/status/status.h"
#include "hub/gateway/auth.h"
#include "sessionhub/v1/admin.grpc.pb.h"

namespace sessionhub::hub {

// Thread-safe. Runs on gRPC's threads for synchronous calls.
class AdminGuard final : public v1::Admin::Service {
 public:
  // `auth` and `guarded` are not owned and outlive the service.
  AdminGuard(Auth* auth, v1::Admin::Service* guarded) : auth_(auth), guarded_(guarded) {}

  grpc::Status GetStatus(grpc::ServerContext* call, const v1::GetStatusRequest* request,
                         v1::GetStatusResponse* response) override;
  grpc::Status ListNodes(grpc::ServerContext* call, const v1::ListNodesRequest* request,
                         v1::ListNodesResponse* response) override;
  grpc::Status ListSessions(grpc::ServerContext* call, const v1::ListSessionsRequest* request,
                            v1::ListSessionsResponse* response) override;
  grpc::Status CountSessions(grpc::ServerContext* call, const v1::CountSessionsRequest* request,
                             v1::CountSessionsResponse* response) override;
  grpc::Status DeleteSessionsOfOwner(grpc::ServerContext* call,
                                     const v1::DeleteSessionsOfOwnerRequest* request,
                                     v1::DeleteSessionsOfOwnerResponse* response) override;
  grpc::Status GetSession(grpc::ServerContext* call, const v1::GetSessionRequest* request,
                          v1::GetSessionResponse* response) override;
  grpc::Status DeleteSession(grpc::ServerContext* call, const v1::DeleteSessionRequest* request,
                             v1::DeleteSessionResponse* response) override;
  grpc::Status FinalizeUpgrade(grpc::ServerContext* call, const v1::FinalizeUpgradeRequest* request,
                               v1::FinalizeUpgradeResponse* response) override;
  grpc::Status CreateBackup(grpc::ServerContext* call, const v1::CreateBackupRequest* request,
                            v1::CreateBackupResponse* response) override;
  grpc::Status ListBackups(grpc::ServerContext* call, const v1::ListBackupsRequest* request,
                           v1::ListBackupsResponse* response) override;
  grpc::Status DisconnectNode(grpc::ServerContext* call, const v1::DisconnectNodeRequest* request,
                              v1::DisconnectNodeResponse* response) override;
  grpc::Status Drain(grpc::ServerContext* call, const v1::DrainRequest* request,
                     v1::DrainResponse* response) override;

 private:
  // Makes the call `name`, whose answer `serve` gives, if its caller may.
  template <typename Request, typename Serve>
  grpc::Status Make(grpc::ServerContext* call, const char* name, const Request& request,
                    const Serve& serve);
  // What the audit says of a request, but for who made it.
  template <typename Request>
  AuditEntry EntryOf(const char* name, const Request& request) const;

  // What stands for the id and the owner, in place of them if they are to be cut.
  void Label(const std::string& app, bool cut_id, bool cut_owner,
             v1::SessionSummary* summary) const;
  absl::Status ListCut(grpc::ServerContext* call, const v1::ListSessionsRequest& request,
                       v1::ListSessionsResponse* response);

  Auth* const auth_;
  v1::Admin::Service* const guarded_;
};

}  // namespace sessionhub::hub

#endif  // HUB_GATEWAY_ADMIN_GUARD_H_
