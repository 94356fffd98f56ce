// sessionhub-folder: what is done with data folders and backups while no hub serves them. Exit
// codes are in --help.
#include <glog/logging.h>

#include <iostream>
#include <string>
#include <vector>

#include "hub/offline/command_line.h"
#include "hub/offline/commands.h"

int main(int argc, char** argv) {
  using sessionhub::hub::OfflineExit;
  FLAGS_logtostderr = true;
  google::InitGoogleLogging(argv[0]);
  sessionhub::hub::OfflineCommandLine line;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const OfflineExit parsed = sessionhub::hub::ParseOffline(arguments, &line, std::cout, std::cerr);
  if (line.command == sessionhub::hub::OfflineCommand::kNone) return static_cast<int>(parsed);
  const OfflineExit code = sessionhub::hub::RunOffline(line, std::cout, std::cerr);
  std::cout.flush();
  // An answer that could not be written whole must not look like success.
  if (!std::cout) return static_cast<int>(OfflineExit::kFailed);
  return static_cast<int>(code);
}
