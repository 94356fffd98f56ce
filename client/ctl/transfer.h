// Transfer: sessions as lines of JSON, out of a hub and into one.
#ifndef CLIENT_CTL_TRANSFER_H_
#define CLIENT_CTL_TRANSFER_H_

#include "absl/status/status.h"
#include "client/ctl/admin_client.h"
#include "client/ctl/command_line.h"
#include "client/ctl/commands.h"

namespace sessionhub::ctl {

// Writes the sessions of line.app, or of line.owner alone, to line.file (empty: terminal.out), page
// by page; memory is bounded by a page and a session. Needs a token of role admin. A file that is
// there already is AlreadyExists; one is there only once it is whole.
absl::Status ExportSessions(const CommandLine& line, AdminClient& hub, Terminal& terminal);

// Creates the sessions of line.file (empty: terminal.in), several at a time, as a node of its own.
// One that exists is left alone, or gets the fields and the life of its line if line.replace, after
// a yes unless line.yes. What is wrong with a line is told with its number and ends nothing unless
// line.strict; then DataLoss in the end. A hub that is gone, or lets nobody in, ends it at once.
absl::Status ImportSessions(const CommandLine& line, AdminClient& hub, Terminal& terminal);

}  // namespace sessionhub::ctl

#endif  // CLIENT_CTL_TRANSFER_H_
