// The command line of sessionhubd: the flags of all options, and what else it may be told to do.
#ifndef HUB_OPTIONS_COMMAND_LINE_H_
#define HUB_OPTIONS_COMMAND_LINE_H_

#include <optional>
#include <string>
#include <vector>

#include "hub/options/given.h"
#include "hub/options/option.h"

namespace sessionhub::hub {

struct CommandLine {
  std::vector<Given> given;
  std::string config_file;  // --config; empty: none
  bool print_config = false;
  bool check_config = false;
  // What --help or --version answers: to be printed, and that is all.
  std::optional<std::string> answer;
};

// A problem for each argument that is no option, and for one that is given twice. `version` is what
// --version says.
CommandLine ReadCommandLine(int argc, const char* const* argv, const std::vector<Option>& options,
                            const std::string& version, Problems* problems);

}  // namespace sessionhub::hub

#endif  // HUB_OPTIONS_COMMAND_LINE_H_
