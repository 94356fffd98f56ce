// The upgrade commands: which format the hub's data folder has, and the step that gives it a newer
// one.
#ifndef CLIENT_CTL_UPGRADE_H_
#define CLIENT_CTL_UPGRADE_H_

#include "absl/status/status.h"
#include "client/ctl/admin_client.h"
#include "client/ctl/command_line.h"
#include "client/ctl/commands.h"

namespace sessionhub::ctl {

// Prints the formats and whether there is something to finalize.
absl::Status ShowUpgrade(const CommandLine& line, AdminClient& hub, Terminal& terminal);

// Finalizes if there is something to finalize, after a yes unless line.yes. Cancelled after a no.
absl::Status FinalizeUpgrade(const CommandLine& line, AdminClient& hub, Terminal& terminal);

}  // namespace sessionhub::ctl

#endif  // CLIENT_CTL_UPGRADE_H_
