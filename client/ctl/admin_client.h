// AdminClient: the hub's Admin service as plain calls.
#ifndef CLIENT_CTL_ADMIN_CLIENT_H_
#define CLIENT_CTL_ADMIN_CLIENT_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sessionhub/options.h"
#include "sessionhub/v1/admin.grpc.pb.h"

namespace sessionhub::ctl {

// Blocks the calling thread, at most `timeout` for each call to the hub. Errors carry the hub's
// code and name the endpoint; Unavailable and DeadlineExceeded mean that no hub answered. Safe from
// any thread.
class AdminClient {
 public:
  // Of `options` counts how the hub is reached: the first endpoint, the token, TLS.
  AdminClient(ClientOptions options, std::chrono::milliseconds timeout);

  absl::StatusOr<v1::GetStatusResponse> GetStatus();
  absl::StatusOr<v1::ListNodesResponse> ListNodes();

  // Calls `visit` with one page of the sessions of `owner` (empty: of all) after the other, until
  // `count_max` sessions (0: all), the end, or an error of `visit`, which is returned. Whole ids
  // come with `full_ids` only, and a token of role admin, where tokens are asked for; the hub's
  // audit says so. Returns true if that was all of them, false if the hub has more.
  absl::StatusOr<bool> ListSessions(
      const std::string& app, const std::string& owner, uint64_t count_max, bool full_ids,
      const std::function<absl::Status(const v1::ListSessionsResponse& page)>& visit);

  absl::StatusOr<v1::CountSessionsResponse> CountSessions(const std::string& app,
                                                          const std::string& owner);
  // `as_expired`: nodes are told that the sessions have expired, by hubs that know it; the response
  // says so.
  absl::StatusOr<v1::DeleteSessionsOfOwnerResponse> DeleteSessionsOfOwner(const std::string& app,
                                                                          const std::string& owner,
                                                                          bool as_expired);

  // NotFound if no session has this id.
  absl::StatusOr<v1::GetSessionResponse> GetSession(const std::string& app, const std::string& id);
  absl::StatusOr<v1::DeleteSessionResponse> DeleteSession(const std::string& app,
                                                          const std::string& id, bool as_expired);

  // `format` is the newest one of the hub's status, else FailedPrecondition.
  absl::StatusOr<v1::FinalizeUpgradeResponse> FinalizeUpgrade(uint32_t format);

  // Answers when the backup is complete, which may take long. `keep` 0: all are kept.
  absl::StatusOr<v1::CreateBackupResponse> CreateBackup(uint32_t keep);
  absl::StatusOr<v1::ListBackupsResponse> ListBackups();

  // NotFound if it is not attached.
  absl::StatusOr<v1::DisconnectNodeResponse> DisconnectNode(const std::string& app,
                                                            const std::string& name);
  absl::StatusOr<v1::DrainResponse> Drain();

 private:
  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (v1::Admin::Stub::*method)(grpc::ClientContext*,
                                                                        const Request&, Response*),
                                const Request& request);

  const ClientOptions options_;
  const std::string endpoint_;
  std::chrono::milliseconds timeout_;
  std::unique_ptr<v1::Admin::Stub> stub_;
};

}  // namespace sessionhub::ctl

#endif  // CLIENT_CTL_ADMIN_CLIENT_H_
