// The commands of sessionhub-folder: each does its work, says what there is to say, and tells the
// exit code.
#ifndef HUB_OFFLINE_COMMANDS_H_
#define HUB_OFFLINE_COMMANDS_H_

#include <ostream>

#include "hub/offline/command_line.h"

namespace sessionhub::hub {

// Answers go to `out`, errors to `err`.
OfflineExit RunOffline(const OfflineCommandLine& line, std::ostream& out, std::ostream& err);

}  // namespace sessionhub::hub

#endif  // HUB_OFFLINE_COMMANDS_H_
