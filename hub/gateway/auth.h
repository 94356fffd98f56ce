// Auth: who makes a call, whether it may be made, and what the audit says of it.
#ifndef HUB_GATEWAY_AUTH_H_
#define HUB_GATEWAY_AUTH_H_

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "hub/gateway/audit_log.h"
#include "hub/gateway/id_labels.h"
#include "hub/gateway/paced_lines.h"
#include "hub/gateway/permissions.h"
#include "hub/gateway/token_book.h"

namespace sessionhub::hub {

struct AuthOptions {
  std::string tokens_file;  // empty: everybody may do everything
  std::string audit_file;   // empty: none
  uint64_t audit_bytes_max = 0;
  std::string key_folder;  // of IdLabels
};

// Safe from any thread; no call waits for anything but a lock.
class Auth {
 public:
  // Errors are those of TokenBook, AuditLog and IdLabels.
  static absl::StatusOr<std::unique_ptr<Auth>> Open(const AuthOptions& options);

  // Whose token the call `name` ("GetStatus") brings along, as the metadata `authorization: Bearer
  // TOKEN`. Unauthenticated without a good one. A refusal is audited.
  absl::StatusOr<Caller> Authenticate(const grpc::ServerContextBase& call, const char* name)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Why this caller is not let in any more; OK if it still is.
  absl::Status Check(const Caller& caller) const;

  // Reads the tokens again: all of them, and says what is wrong with the file.
  absl::Status Reload();
  // The same if the file has changed; to be called about once a second. What is wrong is logged.
  void LookAtTokens();

  const IdLabels& labels() const { return labels_; }
  // `entry` gets what there is to say of the caller.
  void Audit(const Caller& caller, const std::string& peer, const absl::Status& outcome,
             AuditEntry entry) const;
  // The same of a stream that is turned away at once: of many in one second some get a line, as of
  // refusals.
  void AuditTurnedAway(const Caller& caller, const std::string& peer, const absl::Status& outcome,
                       AuditEntry entry) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  Auth(std::unique_ptr<TokenBook> tokens, std::unique_ptr<AuditLog> audit, IdLabels labels)
      : tokens_(std::move(tokens)), audit_(std::move(audit)), labels_(std::move(labels)) {}

  void NoteRefusal(const std::string& peer, const absl::Status& why, AuditEntry entry)
      ABSL_LOCKS_EXCLUDED(mutex_);

  const std::unique_ptr<TokenBook> tokens_;  // nullptr: none are asked for
  const std::unique_ptr<AuditLog> audit_;    // nullptr: none
  const IdLabels labels_;
  absl::Mutex mutex_;
  PacedLines refusals_audited_ ABSL_GUARDED_BY(mutex_);
  PacedLines turned_away_audited_ ABSL_GUARDED_BY(mutex_);
  uint64_t refused_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace sessionhub::hub

#endif  // HUB_GATEWAY_AUTH_H_
