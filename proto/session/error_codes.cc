#include "proto/session/error_codes.h"

namespace sessionhub {
namespace {

using absl::StatusCode;
using enum ErrorFamily;

constexpr int NumberOf(CallError error) {
  return static_cast<int>(error);
}
constexpr int NumberOf(ClientError error) {
  return static_cast<int>(error);
}

constexpr char kNode[] = "node";
constexpr char kApplication[] = "application";
constexpr char kOperator[] = "operator";
constexpr char kNodeAndApplication[] = "node, application";
constexpr char kApplicationAndOperator[] = "application, operator";
constexpr char kAll[] = "node, application, operator";

// Where several refusals share a code, a status that does not say its reason stands for the first.
constexpr ErrorRow kTable[] = {
    {kRefusal, v1::INVALID_ARGUMENT, "INVALID_ARGUMENT", StatusCode::kInvalidArgument,
     kNodeAndApplication, false, "an operation, path or value is not legal",
     "Correct what the message names; docs/limits.md has what is legal."},
    {kRefusal, v1::LIMIT_EXCEEDED, "LIMIT_EXCEEDED", StatusCode::kResourceExhausted,
     kNodeAndApplication, false, "a limit of the hub is exceeded",
     "Send less, or raise the option that the message names."},
    {kRefusal, v1::GONE, "GONE", StatusCode::kNotFound, kNodeAndApplication, false,
     "this session has ended: open its id again",
     "Open the id again: there may be another session under it, or none."},
    {kRefusal, v1::NOT_FOUND, "NOT_FOUND", StatusCode::kNotFound, kNodeAndApplication, false,
     "no session has this id", "Begin a session, at a login say; never for a cookie from outside."},
    {kRefusal, v1::ALREADY_EXISTS, "ALREADY_EXISTS", StatusCode::kAlreadyExists,
     kNodeAndApplication, false, "a session with this id exists already",
     "Take another id, or open the session that there is."},
    {kRefusal, v1::WRONG_TYPE, "WRONG_TYPE", StatusCode::kFailedPrecondition, kNodeAndApplication,
     false, "increment of a field of another type", "Set the field to a number first."},
    {kRefusal, v1::OUT_OF_RANGE, "OUT_OF_RANGE", StatusCode::kOutOfRange, kNodeAndApplication,
     false, "increment leaves the range of int64", "Set the field to another value first."},
    {kRefusal, v1::VERSION_CHANGED, "VERSION_CHANGED", StatusCode::kAborted, kNodeAndApplication,
     false, "a precondition does not hold", "Read again, decide again, commit again."},
    {kRefusal, v1::BASE_CHANGED, "BASE_CHANGED", StatusCode::kAborted, kNode, false,
     "the value is not the one that the writer saw",
     "Send the whole value in a new delta; the client does so by itself."},
    {kRefusal, v1::UNSUPPORTED, "UNSUPPORTED", StatusCode::kUnimplemented, kNodeAndApplication,
     false, "not agreed with this hub", "Do without it, or upgrade the hub."},
    {kRefusal, v1::UNKNOWN_HANDLE, "UNKNOWN_HANDLE", StatusCode::kInternal, kNode, false,
     "this handle is not open", "A mistake of the node: open the session, or name its number."},
    {kRefusal, v1::PREVIOUS_REFUSED, "PREVIOUS_REFUSED", StatusCode::kAborted, kNodeAndApplication,
     false, "the commit before this one was refused",
     "Look at the answer of the commit before, and make both again."},
    {kRefusal, v1::RENAMED, "RENAMED", StatusCode::kNotFound, kNodeAndApplication, false,
     "this session has another id now", "Only who has the new id gets in: ask for a login."},
    {kRefusal, v1::LOCKED, "LOCKED", StatusCode::kDeadlineExceeded, kNodeAndApplication, true,
     "the session is locked by another holder", "Ask again, or wait longer."},
    {kRefusal, v1::LOCK_LOST, "LOCK_LOST", StatusCode::kAborted, kNodeAndApplication, false,
     "the lock is not held with this token any more",
     "Ask for the lock anew and read what has changed; a longer lease is lost less often."},

    {kGoodbye, v1::Goodbye::DRAINING, "DRAINING", StatusCode::kUnavailable, kNode, true,
     "the hub stops, or an operator has cut the stream",
     "None: the client comes back by itself, with back-off."},
    {kGoodbye, v1::Goodbye::REPLACED, "REPLACED", StatusCode::kAborted, kNodeAndApplication, false,
     "a newer process has attached with this node name",
     "Give each process a node name of its own; the older one must start anew."},
    {kGoodbye, v1::Goodbye::PROTOCOL_ERROR, "PROTOCOL_ERROR", StatusCode::kInvalidArgument,
     kNodeAndApplication, false, "this stream broke the contract",
     "A mistake of the client's program: the message says which; upgrade it, or report it."},
    {kGoodbye, v1::Goodbye::VERSION_UNSUPPORTED, "VERSION_UNSUPPORTED",
     StatusCode::kFailedPrecondition, kNodeAndApplication, false,
     "the hub speaks another version of the protocol",
     "Use a client of the major version that the message names."},
    {kGoodbye, v1::Goodbye::SILENT, "SILENT", StatusCode::kUnavailable, kNode, true,
     "nothing was heard for three heartbeats, or another stream took the place of this one",
     "None: the client comes back by itself. If it recurs, look why the node stands still."},
    {kGoodbye, v1::Goodbye::INVALID_HELLO, "INVALID_HELLO", StatusCode::kInvalidArgument,
     kNodeAndApplication, false, "app, node name or incarnation is not legal",
     "Correct the name: 1 to 64 characters of [A-Za-z0-9._-]."},
    {kGoodbye, v1::Goodbye::BUSY, "BUSY", StatusCode::kUnavailable, kNode, true,
     "a limit of the hub is reached",
     "Raise the option that the message names, or find out who attaches so often."},

    {kEnded, v1::Ended::DELETED, "DELETED", StatusCode::kNotFound, kNodeAndApplication, false,
     "the session was deleted", "Open its id again: there may be another session under it."},
    {kEnded, v1::Ended::EXPIRED, "EXPIRED", StatusCode::kNotFound, kNodeAndApplication, false,
     "a timeout of the session has passed", "Ask for a login; longer timeouts expire later."},
    {kEnded, v1::Ended::UNKNOWN, "UNKNOWN", StatusCode::kUnavailable, kNode, true,
     "a Resume named a handle that this hub does not hold for the node",
     "None: the client opens the session by its id."},
    {kEnded, v1::Ended::UNREADABLE, "UNREADABLE", StatusCode::kDataLoss, kAll, false,
     "the hub cannot read this session from its disk: its log says why",
     "A disk is damaged: docs/runbooks.md, damaged-disk."},

    {kCall, NumberOf(CallError::kTokenMissing), "TOKEN_MISSING", StatusCode::kUnauthenticated, kAll,
     false, "this hub asks for a token and none came",
     "Make one with `sessionhubctl tokens create` and give it to the client."},
    {kCall, NumberOf(CallError::kTokenRefused), "TOKEN_REFUSED", StatusCode::kUnauthenticated, kAll,
     false, "the token is none, is not known, or has expired",
     "Give the client a token that `sessionhubctl tokens list` shows as valid."},
    {kCall, NumberOf(CallError::kNotPermitted), "NOT_PERMITTED", StatusCode::kPermissionDenied,
     kAll, false, "the token is not for this call, or not for this app",
     "Use a token of the role and app that the message names (docs/security.md)."},
    {kCall, NumberOf(CallError::kStreamsMax), "STREAMS_MAX", StatusCode::kUnavailable, kNode, true,
     "the hub has as many streams as it may",
     "Find out who opens so many, or raise --nodes-max; the client comes back by itself."},
    {kCall, NumberOf(CallError::kArgumentInvalid), "ARGUMENT_INVALID", StatusCode::kInvalidArgument,
     kApplicationAndOperator, false, "an argument of the call is not legal",
     "Correct what the message names."},
    {kCall, NumberOf(CallError::kNotThere), "NOT_THERE", StatusCode::kNotFound,
     kApplicationAndOperator, false, "there is no such app, session or node",
     "Look at `sessionhubctl sessions list` or `sessionhubctl nodes`."},
    {kCall, NumberOf(CallError::kSessionBusy), "SESSION_BUSY", StatusCode::kAborted, kOperator,
     true, "the session changes faster than it can be read", "Ask again."},
    {kCall, NumberOf(CallError::kHubSlow), "HUB_SLOW", StatusCode::kDeadlineExceeded,
     kApplicationAndOperator, true, "the hub did not answer in time",
     "Ask again; if it recurs, the disk is slow: docs/metrics.md, commits that take long."},
    {kCall, NumberOf(CallError::kOtherFormat), "OTHER_FORMAT", StatusCode::kFailedPrecondition,
     kOperator, false, "the format is not the newest of this hub",
     "Look at `sessionhubctl upgrade status` and ask again."},
    {kCall, NumberOf(CallError::kBackupsOff), "BACKUPS_OFF", StatusCode::kFailedPrecondition,
     kOperator, false, "this hub has no folder for backups", "Start it with --backup-dir."},
    {kCall, NumberOf(CallError::kBackupRunning), "BACKUP_RUNNING", StatusCode::kFailedPrecondition,
     kOperator, true, "a backup is being made already",
     "Wait for it: `sessionhubctl backup list` shows how far it is."},
    {kCall, NumberOf(CallError::kBackupsMax), "BACKUPS_MAX", StatusCode::kResourceExhausted,
     kOperator, false, "the folder holds as many backups as it may",
     "Say with --keep how many to keep."},
    {kCall, NumberOf(CallError::kDiskLow), "DISK_LOW", StatusCode::kResourceExhausted, kOperator,
     true, "the disk of the data folder has too little space for a backup",
     "Free space (docs/runbooks.md, full-disk), or use --backup-dir on another disk."},
    {kCall, NumberOf(CallError::kHubStops), "HUB_STOPS", StatusCode::kUnavailable, kOperator, true,
     "the hub stops", "Make the backup once it serves again."},
    {kCall, NumberOf(CallError::kHubEmbedded), "HUB_EMBEDDED", StatusCode::kUnimplemented,
     kOperator, false, "this hub runs inside another program", "Stop that program."},
    {kCall, NumberOf(CallError::kRecordDamaged), "RECORD_DAMAGED", StatusCode::kDataLoss, kOperator,
     false, "what is stored cannot be read", "docs/runbooks.md, damaged-disk."},

    {kClient, NumberOf(ClientError::kHubNotReached), "HUB_NOT_REACHED", StatusCode::kUnavailable,
     kApplication, true, "no hub was reached in time",
     "Look whether the hub runs and the endpoint is right; the client goes on trying."},
    {kClient, NumberOf(ClientError::kNoAnswer), "NO_ANSWER", StatusCode::kDeadlineExceeded,
     kApplication, true, "the hub did not answer in time",
     "Wait longer. A commit stays pending and is still sent: its outcome is unknown, not failed."},
    {kClient, NumberOf(ClientError::kLockUnanswered), "LOCK_UNANSWERED", StatusCode::kUnavailable,
     kApplication, true, "the hub did not answer a request for a lock in time",
     "Ask again; what was granted meanwhile is given back."},
    {kClient, NumberOf(ClientError::kHubSilent), "HUB_SILENT", StatusCode::kUnavailable,
     kApplication, true, "nothing was heard from the hub for stale_max: the copy may be old",
     "Allow stale reads for what may be old; else wait until the hub is back."},
    {kClient, NumberOf(ClientError::kCopyOld), "COPY_OLD", StatusCode::kUnavailable, kApplication,
     false, "the copy on this node is old", "Open the session again."},
    {kClient, NumberOf(ClientError::kOutcomeUnknown), "OUTCOME_UNKNOWN", StatusCode::kUnavailable,
     kApplication, false,
     "the hub cannot tell any more what became of this: another data folder, or it was away too "
     "long",
     "Open the session again and look; it was applied once or not at all."},
    {kClient, NumberOf(ClientError::kClosed), "CLOSED", StatusCode::kFailedPrecondition,
     kApplication, false, "this client is closed", "Connect another one."},
    {kClient, NumberOf(ClientError::kToldToStayAway), "TOLD_TO_STAY_AWAY",
     StatusCode::kFailedPrecondition, kApplication, false, "the hub told this client to stay away",
     "The message has the goodbye: see there."},
    {kClient, NumberOf(ClientError::kInCallback), "IN_CALLBACK", StatusCode::kFailedPrecondition,
     kApplication, false, "a blocking call inside a callback would hold up all callbacks",
     "Use the form with a callback, or another thread."},
    {kClient, NumberOf(ClientError::kForked), "FORKED", StatusCode::kFailedPrecondition,
     kApplication, false, "this client was made before fork", "Fork first, then connect."},
    {kClient, NumberOf(ClientError::kNotCached), "NOT_CACHED", StatusCode::kNotFound, kApplication,
     false, "no session with this id is cached", "None: there is nothing to evict."},
    {kClient, NumberOf(ClientError::kAnswerPending), "ANSWER_PENDING",
     StatusCode::kFailedPrecondition, kApplication, true,
     "something asked of this session is not answered yet", "Wait for that answer."},
    {kClient, NumberOf(ClientError::kLockGivenBack), "LOCK_GIVEN_BACK",
     StatusCode::kFailedPrecondition, kApplication, false,
     "the lock was given back: ask for it again", "Ask for the lock again."},
    {kClient, NumberOf(ClientError::kObjectDestroyed), "OBJECT_DESTROYED",
     StatusCode::kFailedPrecondition, kApplication, false,
     "a tracked object was destroyed before Commit", "Keep the object until then."},

    {kHubExit, 1, "FAILED", StatusCode::kOk, kOperator, false,
     "the hub did not start, and event=start_failed says why",
     "Do what the line says; docs/runbooks.md has damage and upgrades."},
    {kHubExit, 2, "USAGE", StatusCode::kOk, kOperator, false,
     "options are wrong; nothing was made on the disk",
     "Correct each line that was printed; --check-config tries it."},

    {kToolExit, 1, "FAILED", StatusCode::kOk, kOperator, false,
     "the hub refused or failed, the question was answered with no, or something is ill",
     "The line on standard error says what to do."},
    {kToolExit, 2, "USAGE", StatusCode::kOk, kOperator, false, "wrong arguments; nothing was sent",
     "Look at --help."},
    {kToolExit, 3, "NOT_FOUND", StatusCode::kOk, kOperator, false,
     "there is no such session, node, backup or folder", "Look at the listing."},
    {kToolExit, 4, "NOT_REACHED", StatusCode::kOk, kOperator, true, "no hub answered in time",
     "Look whether it runs at --endpoint, and at its log."},
};

absl::Status StatusFor(ErrorFamily family, int number, const std::string& message) {
  const ErrorRow* const row = FindError(family, number);
  if (row == nullptr) {
    return absl::UnknownError("refused for a reason this version does not know: " + message);
  }
  return absl::Status(row->status, message.empty() ? std::string(row->means) : message);
}

}  // namespace

std::span<const ErrorRow> ErrorTable() {
  return kTable;
}

const ErrorRow* FindError(ErrorFamily family, int number) {
  for (const ErrorRow& row : kTable) {
    if (row.family == family && row.number == number) return &row;
  }
  return nullptr;
}

absl::Status ErrorStatus(v1::RefusalReason reason, const std::string& message) {
  return StatusFor(kRefusal, reason, message);
}
absl::Status ErrorStatus(v1::Goodbye::Why why, const std::string& message) {
  return StatusFor(kGoodbye, why, message);
}
absl::Status ErrorStatus(v1::Ended::Why why, const std::string& message) {
  return StatusFor(kEnded, why, message);
}
absl::Status ErrorStatus(CallError error, const std::string& message) {
  return StatusFor(kCall, NumberOf(error), message);
}
absl::Status ErrorStatus(ClientError error, const std::string& message) {
  return StatusFor(kClient, NumberOf(error), message);
}

}  // namespace sessionhub
