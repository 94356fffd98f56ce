// Settings: what sessionhubd runs with, and where each value is from. A flag goes before the
// environment, the environment before the file, the file before the default.
#ifndef HUB_OPTIONS_SETTINGS_H_
#define HUB_OPTIONS_SETTINGS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/config.h"
#include "hub/options/given.h"
#include "hub/options/option.h"

namespace sessionhub::hub {

// Where options come from: flags and environment as they were when the program started, and a file
// that may be another each time that it is read.
struct Sources {
  std::vector<Given> flags;
  std::vector<Given> environment;
  std::string config_file;  // empty: none
  Problems problems;        // of flags and environment
};

struct Settings {
  Config config;
  // Of each option that is not at its default: the place that it is from, as Given::place.
  std::map<std::string, std::string> set_by;
};

// Reads the file, and puts all together. InvalidArgument with a line for everything that is wrong,
// wherever it stands; a value is checked though another goes before it.
absl::StatusOr<Settings> ReadSettings(const std::vector<Option>& options, const Sources& sources);

// Whether a hub can start with them: nothing required is missing, and CheckConfig. InvalidArgument.
absl::Status CheckSettings(const std::vector<Option>& options, const Settings& settings);

// What a running hub does about other settings.
struct Difference {
  Config config;                           // what it runs with afterwards
  std::vector<std::string> changed;        // names of options that take effect
  std::vector<std::string> needs_restart;  // of those that a running hub cannot take over
};

// From what runs now to what the sources say.
Difference Compare(const std::vector<Option>& options, const Config& running, const Config& next);

}  // namespace sessionhub::hub

#endif  // HUB_OPTIONS_SETTINGS_H_
