// The commands that end something that works: a node's stream, the hub. Both ask first.
#ifndef CLIENT_CTL_ENDING_H_
#define CLIENT_CTL_ENDING_H_

#include "absl/status/status.h"
#include "client/ctl/admin_client.h"
#include "client/ctl/command_line.h"
#include "client/ctl/commands.h"

namespace sessionhub::ctl {

// Cuts the stream of a node, after a yes unless line.yes. Cancelled after a no; NotFound if it is
// not attached.
absl::Status DisconnectNode(const CommandLine& line, AdminClient& hub, Terminal& terminal);

// Has the hub stop as on SIGTERM, after a yes unless line.yes. Cancelled after a no. Does not wait
// for its end.
absl::Status DrainHub(const CommandLine& line, AdminClient& hub, Terminal& terminal);

}  // namespace sessionhub::ctl

#endif  // CLIENT_CTL_ENDING_H_
