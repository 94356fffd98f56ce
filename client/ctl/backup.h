// The backup commands that ask a running hub.
#ifndef CLIENT_CTL_BACKUP_H_
#define CLIENT_CTL_BACKUP_H_

#include "absl/status/status.h"
#include "client/ctl/admin_client.h"
#include "client/ctl/command_line.h"
#include "client/ctl/commands.h"

namespace sessionhub::ctl {

// Has the hub make a backup, and prints what it made.
absl::Status CreateBackup(const CommandLine& line, AdminClient& hub, Terminal& terminal);

// Prints the backups in the hub's folder, and how far the one is that is being made.
absl::Status ListBackups(const CommandLine& line, AdminClient& hub, Terminal& terminal);

}  // namespace sessionhub::ctl

#endif  // CLIENT_CTL_BACKUP_H_
