// Watch: prints what happens to a session, as a node of its own that opens it.
#ifndef CLIENT_CTL_WATCH_H_
#define CLIENT_CTL_WATCH_H_

#include "absl/status/status.h"
#include "client/ctl/commands.h"

namespace sessionhub::ctl {

// Until the session ends, line.count events are printed, or nobody reads them. Errors are those of
// Client::Open.
absl::Status WatchSession(const CommandLine& line, Terminal& terminal);

}  // namespace sessionhub::ctl

#endif  // CLIENT_CTL_WATCH_H_
