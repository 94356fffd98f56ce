// NewSessionId: ids that nobody can guess. Part of the public API (C++17).
#ifndef SESSIONHUB_SESSION_ID_H_
#define SESSIONHUB_SESSION_ID_H_

#include <string>

#include "absl/status/statusor.h"
#include "sessionhub/export.h"

namespace sessionhub {

// A new session id: 128 random bits of the operating system, as 22 characters of [A-Za-z0-9_-], fit
// for a cookie or a URL as they are. Makes no session: that is Open's. Safe from any thread.
// Unavailable if the system gives no random bits.
SESSIONHUB_EXPORT absl::StatusOr<std::string> NewSessionId();

}  // namespace sessionhub

#endif  // SESSIONHUB_SESSION_ID_H_
