// UnaryCalls: the hub's Admin service, for applications. Besides Stream the only part of the client
// that knows gRPC.
#ifndef CLIENT_CPP_SRC_UNARY_CALLS_H_
#define CLIENT_CPP_SRC_UNARY_CALLS_H_

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sessionhub/options.h"
#include "sessionhub/v1/admin.pb.h"

namespace sessionhub::client {

// Thread-safe. Each call blocks for at most `timeout`, also while no hub is reached; errors are the
// hub's, DeadlineExceeded if none answered, Unavailable if one went away before it did. Destroyed
// on a thread that is not gRPC's.
class UnaryCalls {
 public:
  virtual ~UnaryCalls() = default;

  // Does not wait. `options` are read until it goes.
  static std::shared_ptr<UnaryCalls> To(const std::string& endpoint, const ClientOptions& options);

  virtual absl::StatusOr<v1::ListSessionsResponse> ListSessions(
      const v1::ListSessionsRequest& request, std::chrono::milliseconds timeout) = 0;
  virtual absl::StatusOr<v1::CountSessionsResponse> CountSessions(
      const v1::CountSessionsRequest& request, std::chrono::milliseconds timeout) = 0;
  virtual absl::StatusOr<v1::DeleteSessionsOfOwnerResponse> DeleteSessionsOfOwner(
      const v1::DeleteSessionsOfOwnerRequest& request, std::chrono::milliseconds timeout) = 0;
};

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_UNARY_CALLS_H_
