#include "client/ctl/exit_code.h"

namespace sessionhub::ctl {

ExitCode ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return ExitCode::kDone;
    case absl::StatusCode::kNotFound:
      return ExitCode::kNotFound;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return ExitCode::kNotReached;
    default:
      return ExitCode::kFailed;
  }
}

}  // namespace sessionhub::ctl
