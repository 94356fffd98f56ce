// FakeAdmin: the Admin service of a hub with scripted sessions, over real gRPC on a loopback port.
#ifndef TESTS_INTEGRATION_FAKE_ADMIN_H_
#define TESTS_INTEGRATION_FAKE_ADMIN_H_

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "sessionhub/v1/admin.grpc.pb.h"

namespace sessionhub::testing {

// The members that script it are set before the first call and read by server threads afterwards.
class FakeAdmin final : public v1::Admin::Service {
 public:
  FakeAdmin();
  ~FakeAdmin() override;

  // "127.0.0.1:port"
  const std::string& endpoint() const { return endpoint_; }
  // No call is answered any more; the port is closed.
  void Stop() { server_->Shutdown(); }

  v1::GetStatusResponse status;
  v1::ListNodesResponse nodes;
  std::map<std::string, v1::GetSessionResponse> sessions;  // of app "shop", by id
  grpc::Status failure;                                    // not OK: the answer to every call
  bool silent = false;          // no call is answered before the caller gives up
  std::string asked_owner;      // of the last call that has one
  bool expires = false;         // it tells nodes that a session has expired, where that is asked
  bool repeats_a_page = false;  // ListSessions breaks its contract
  v1::ListBackupsResponse backups;
  v1::CreateBackupRequest asked_backup;        // the last one
  std::string why_not_removed;                 // what it answers
  v1::DisconnectNodeRequest asked_disconnect;  // the last one

  int calls() const { return calls_; }
  int deletes() const { return deletes_; }
  int finalizes() const { return finalizes_; }
  int drains() const { return drains_; }

 private:
  grpc::Status GetStatus(grpc::ServerContext* context, const v1::GetStatusRequest* request,
                         v1::GetStatusResponse* response) override;
  grpc::Status ListNodes(grpc::ServerContext* context, const v1::ListNodesRequest* request,
                         v1::ListNodesResponse* response) override;
  grpc::Status ListSessions(grpc::ServerContext* context, const v1::ListSessionsRequest* request,
                            v1::ListSessionsResponse* response) override;
  grpc::Status CountSessions(grpc::ServerContext* context, const v1::CountSessionsRequest* request,
                             v1::CountSessionsResponse* response) override;
  grpc::Status DeleteSessionsOfOwner(grpc::ServerContext* context,
                                     const v1::DeleteSessionsOfOwnerRequest* request,
                                     v1::DeleteSessionsOfOwnerResponse* response) override;
  grpc::Status GetSession(grpc::ServerContext* context, const v1::GetSessionRequest* request,
                          v1::GetSessionResponse* response) override;
  grpc::Status DeleteSession(grpc::ServerContext* context, const v1::DeleteSessionRequest* request,
                             v1::DeleteSessionResponse* response) override;

  grpc::Status FinalizeUpgrade(grpc::ServerContext* context,
                               const v1::FinalizeUpgradeRequest* request,
                               v1::FinalizeUpgradeResponse* response) override;

  grpc::Status CreateBackup(grpc::ServerContext* context, const v1::CreateBackupRequest* request,
                            v1::CreateBackupResponse* response) override;
  grpc::Status ListBackups(grpc::ServerContext* context, const v1::ListBackupsRequest* request,
                           v1::ListBackupsResponse* response) override;
  grpc::Status DisconnectNode(grpc::ServerContext* context,
                              const v1::DisconnectNodeRequest* request,
                              v1::DisconnectNodeResponse* response) override;
  grpc::Status Drain(grpc::ServerContext* context, const v1::DrainRequest* request,
                     v1::DrainResponse* response) override;

  // Counts the call; what every call answers as scripted.
  grpc::Status Begin(grpc::ServerContext* context);

  std::atomic<int> calls_ = 0;
  std::atomic<int> deletes_ = 0;
  std::atomic<int> finalizes_ = 0;
  std::atomic<int> drains_ = 0;
  std::string endpoint_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace sessionhub::testing

#endif  // TESTS_INTEGRATION_FAKE_ADMIN_H_
