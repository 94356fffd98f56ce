// ErrorTable: every way in which a hub, a client or a program tells an error, each once: what it
// means, who hears of it, what to do. docs/errors.md is made from it, and whatever turns a code
// into a status asks it. Immutable; safe from any thread.
#ifndef PROTO_SESSION_ERROR_CODES_H_
#define PROTO_SESSION_ERROR_CODES_H_

#include <span>
#include <string>

#include "absl/status/status.h"
#include "sessionhub/v1/delta.pb.h"
#include "sessionhub/v1/frames.pb.h"

namespace sessionhub {

// Where a code is told.
enum class ErrorFamily {
  kRefusal,   // v1::RefusalReason: the answer to one delta, Open, Rename or LockRequest
  kGoodbye,   // v1::Goodbye::Why: the last frame of a stream
  kEnded,     // v1::Ended::Why: the end of interest in one session
  kCall,      // CallError: the gRPC status of a call of Admin, or of a stream without a goodbye
  kClient,    // ClientError: what the client says by itself
  kHubExit,   // exit codes of sessionhubd
  kToolExit,  // exit codes of sessionhubctl and of sessionhub-folder
};

// What a hub says in a gRPC status alone.
enum class CallError {
  kTokenMissing = 1,
  kTokenRefused,
  kNotPermitted,
  kStreamsMax,
  kArgumentInvalid,
  kNotThere,
  kSessionBusy,
  kHubSlow,
  kOtherFormat,
  kBackupsOff,
  kBackupRunning,
  kBackupsMax,
  kDiskLow,
  kHubStops,
  kHubEmbedded,
  kRecordDamaged,
};

// What a client says without having heard it from a hub.
enum class ClientError {
  kHubNotReached = 1,
  kNoAnswer,
  kLockUnanswered,
  kHubSilent,
  kCopyOld,
  kOutcomeUnknown,
  kClosed,
  kToldToStayAway,
  kInCallback,
  kForked,
  kNotCached,
  kAnswerPending,
  kLockGivenBack,
  kObjectDestroyed,
};

struct ErrorRow {
  ErrorFamily family;
  int number;               // within its family; never changes
  const char* name;         // the schema's, where there is one
  absl::StatusCode status;  // with which it reaches a caller; kOk: as an exit code alone
  const char* heard_by;     // of "node", "application", "operator"
  bool retryable;           // the same may do later, without anybody's doing
  const char* means;        // also the message of a status that has no better one
  const char* remedy;
};

// In the order of the families, and in each in the order of the numbers.
std::span<const ErrorRow> ErrorTable();

// nullptr for a number that this version does not know.
const ErrorRow* FindError(ErrorFamily family, int number);

// A status with the code of the row, and this message; if it is empty, with what the row means. A
// number that this version does not know is Unknown.
absl::Status ErrorStatus(v1::RefusalReason reason, const std::string& message);
absl::Status ErrorStatus(v1::Goodbye::Why why, const std::string& message);
absl::Status ErrorStatus(v1::Ended::Why why, const std::string& message);
absl::Status ErrorStatus(CallError error, const std::string& message);
absl::Status ErrorStatus(ClientError error, const std::string& message);

}  // namespace sessionhub

#endif  // PROTO_SESSION_ERROR_CODES_H_
