// FolderProgram: sessionhub-folder, which does what needs no hub but knows how data are stored.
#ifndef CLIENT_CTL_FOLDER_PROGRAM_H_
#define CLIENT_CTL_FOLDER_PROGRAM_H_

#include <string>
#include <vector>

#include "client/ctl/command_line.h"
#include "client/ctl/commands.h"
#include "client/ctl/exit_code.h"

namespace sessionhub::ctl {

// True for the commands that are its own: the others ask a hub.
bool IsForFolderProgram(const CommandLine& line);

// Its arguments for this command.
std::vector<std::string> FolderArguments(const CommandLine& line);

// Runs it, beside this program or else from PATH, with this process's own standard output and
// error, and passes its exit code on. kFailed, said, if there is none or a signal has ended it.
ExitCode RunFolderProgram(const CommandLine& line, Terminal& terminal);

}  // namespace sessionhub::ctl

#endif  // CLIENT_CTL_FOLDER_PROGRAM_H_
