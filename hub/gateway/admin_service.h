// AdminService: the unary calls for operators and tools. Runs on gRPC's threads for synchronous
// calls, which may wait for a disk or a turn.
#ifndef HUB_GATEWAY_ADMIN_SERVICE_H_
#define HUB_GATEWAY_ADMIN_SERVICE_H_

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "hub/forward/catch_up_reader.h"
#include "hub/forward/node_registry.h"
#include "hub/gateway/app_traffic.h"
#include "hub/hub_clock.h"
#include "hub/shard/app_sessions.h"
#include "hub/shard/effect.h"
#include "hub/shard/router.h"
#include "hub/shard/shard_thread.h"
#include "hub/space_watch.h"
#include "hub/store/store.h"
#include "proto/session/limits.h"
#include "sessionhub/v1/admin.grpc.pb.h"

namespace sessionhub::hub {

// Deletes that wait for their turn. Any thread.
class DeleteCalls {
 public:
  // A number for a call that waits, to be put into its DeleteInput.
  uint64_t Begin() ABSL_LOCKS_EXCLUDED(mutex_);
  // Called by the dispatchers, after the delete is durable.
  void Answer(const DeletedEffect& effect) ABSL_LOCKS_EXCLUDED(mutex_);
  // The answer; DeadlineExceeded if there is none in time (the outcome is then unknown).
  DeletedEffect Await(uint64_t call, absl::Duration timeout) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  absl::Mutex mutex_;
  absl::flat_hash_map<uint64_t, std::optional<DeletedEffect>> calls_ ABSL_GUARDED_BY(mutex_);
  uint64_t last_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Nothing is owned; all of it outlives the service.
struct AdminContext {
  Store* store = nullptr;
  NodeRegistry* registry = nullptr;
  Router* router = nullptr;
  const CatchUpReader* reader = nullptr;
  std::vector<ShardThread*> shards;
  DeleteCalls* delete_calls = nullptr;
  Limits limits;
  std::string version;
  std::string data_dir;
  std::string backup_dir;             // empty: none
  uint64_t drain_ms = 0;              // how long a stop waits for answers to be written
  std::function<void()> ask_to_stop;  // as Hub::Start's
  const HubClock* clock = nullptr;
  const SpaceWatch* space = nullptr;
  const AppSessions* app_sessions = nullptr;
  const AppTraffic* traffic = nullptr;
  std::function<uint64_t()> connections_refused;  // since the start
  std::function<SentBytes()> sent_bytes;
  uint64_t started_us = 0;           // hub time
  std::function<uint64_t()> now_us;  // hub time
};

class AdminService : public v1::Admin::Service {
 public:
  explicit AdminService(const AdminContext& context) : context_(context) {}

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
  absl::StatusOr<AppNumber> AppOf(const std::string& name) const;
  absl::StatusOr<SessionNumber> NumberOf(const std::string& app, const std::string& id) const;
  absl::Status ListOwned(AppNumber app, const v1::ListSessionsRequest& request, uint32_t page_size,
                         v1::ListSessionsResponse* response) const;
  absl::StatusOr<uint64_t> CountOwned(AppNumber app, const std::string& owner) const;
  absl::StatusOr<uint64_t> DeleteOwned(AppNumber app, const std::string& owner, bool as_expired);
  // Only those that live and, where an entry has an id, still have it.
  absl::Status Summarize(const std::vector<NameEntry>& names,
                         google::protobuf::RepeatedPtrField<v1::SessionSummary>* summaries) const;
  absl::Status ReadSession(const v1::GetSessionRequest& request,
                           v1::GetSessionResponse* response) const;
  absl::Status CheckSpaceForBackup() const;
  absl::Status CutNode(const std::string& app, const std::string& name);

  const AdminContext& context_;
};

// absl::Status and gRPC's status have the same codes.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace sessionhub::hub

#endif  // HUB_GATEWAY_ADMIN_SERVICE_H_
