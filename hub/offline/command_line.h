// CommandLine: what sessionhub-folder is asked to do. The only place that knows its options.
#ifndef HUB_OFFLINE_COMMAND_LINE_H_
#define HUB_OFFLINE_COMMAND_LINE_H_

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace sessionhub::hub {

// The same numbers as sessionhubctl's, which passes them on.
enum class OfflineExit : int {
  kDone = 0,
  kFailed = 1,  // it failed, or there are findings
  kUsage = 2,
  kNotFound = 3,
};

enum class OfflineCommand { kNone, kList, kVerify, kRestore, kDoctor };

struct OfflineCommandLine {
  OfflineCommand command = OfflineCommand::kNone;
  std::string backup_dir;
  uint32_t backup = 0;  // 0: the newest
  std::string data_dir;
  std::string config_file;
  bool json = false;
};

// Reads the arguments, without the program's name. If the command stays kNone there is nothing to
// run: what there was to say is written to `out` or `err`.
OfflineExit ParseOffline(const std::vector<std::string>& arguments, OfflineCommandLine* line,
                         std::ostream& out, std::ostream& err);

}  // namespace sessionhub::hub

#endif  // HUB_OFFLINE_COMMAND_LINE_H_
