// The commands about tokens: they change the hub's file on this machine's disk and ask no hub.
#ifndef CLIENT_CTL_TOKENS_H_
#define CLIENT_CTL_TOKENS_H_

#include "absl/status/status.h"
#include "client/ctl/command_line.h"
#include "client/ctl/commands.h"

namespace sessionhub::ctl {

// True for the commands that RunTokensCommand runs.
bool IsTokensCommand(Command command);

// create prints the token, the only time that anybody sees it; list prints what the file says;
// revoke takes a token out. A hub that uses the file goes by it within a second or two. Errors are
// those of tokens_file.h; NotFound if there is no such token to revoke.
absl::Status RunTokensCommand(const CommandLine& line, Terminal& terminal);

}  // namespace sessionhub::ctl

#endif  // CLIENT_CTL_TOKENS_H_
