// ExitCode: how sessionhubctl ends, so that scripts can decide without reading its words.
#ifndef CLIENT_CTL_EXIT_CODE_H_
#define CLIENT_CTL_EXIT_CODE_H_

#include "absl/status/status.h"

namespace sessionhub::ctl {

// Told in --help; scripts depend on the numbers, so they never change.
enum class ExitCode : int {
  kDone = 0,
  kFailed = 1,      // the hub refused or failed, or the question was answered with no
  kUsage = 2,       // wrong arguments; nothing was sent
  kNotFound = 3,    // no such session
  kNotReached = 4,  // no hub answered in time
};

// The code for the status of a call to the hub.
ExitCode ExitCodeOf(const absl::Status& status);

}  // namespace sessionhub::ctl

#endif  // CLIENT_CTL_EXIT_CODE_H_
