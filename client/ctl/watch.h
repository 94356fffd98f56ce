// Watch: prints what happens to a session, as a node of its own that opens it.
#ifndef CLIENT_CTL_WATCH_H_
#define CLIENT_CTL_WATCH_H_

#include "absl/status/status.h"
#include "client/ctl/admin_client.h"
#include "client/ctl/commands.h"

namespace sessionhub::ctl {

// Until the session ends, line.count events are printed, or nobody reads them. What the client
// warns of goes to terminal.err. Errors are those of Client::Open, and NotFound if there is no such
// app.
absl::Status WatchSession(const CommandLine& line, AdminClient& admin, Terminal& terminal);

}  // namespace sessionhub::ctl

#endif  // CLIENT_CTL_WATCH_H_
