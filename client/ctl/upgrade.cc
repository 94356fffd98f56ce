#include "client/ctl/upgrade.h"

#include <string>

#include "client/ctl/json_report.h"
#include "client/ctl/table_report.h"
#include "proto/session/status_macros.h"

namespace sessionhub::ctl {
namespace {

// A hub that is older than this command tells no formats.
absl::StatusOr<v1::GetStatusResponse> FormatsOf(const CommandLine& line, AdminClient& hub) {
  ASSIGN_OR_RETURN(const v1::GetStatusResponse status, hub.GetStatus());
  if (status.newest_format() != 0) return status;
  return absl::UnimplementedError(line.endpoint +
                                  ": this hub tells no format of its data folder: it is older than "
                                  "this sessionhubctl, and there is nothing to finalize");
}

bool Agrees(const CommandLine& line, const v1::GetStatusResponse& status, Terminal& terminal) {
  if (line.yes) return true;
  terminal.err << "Finalize the upgrade of " << status.data_dir() << " at " << line.endpoint
               << " from format " << status.format() << " to " << status.newest_format()
               << "? The previous release will not open this folder any more. [y/N] " << std::flush;
  return IsYes(terminal);
}

}  // namespace

absl::Status ShowUpgrade(const CommandLine& line, AdminClient& hub, Terminal& terminal) {
  ASSIGN_OR_RETURN(const v1::GetStatusResponse status, FormatsOf(line, hub));
  if (line.output == Output::kJson) {
    PrintJson(UpgradeJson(status), terminal.out);
  } else {
    PrintUpgradeTable(status, terminal.out);
  }
  return absl::OkStatus();
}

absl::Status FinalizeUpgrade(const CommandLine& line, AdminClient& hub, Terminal& terminal) {
  ASSIGN_OR_RETURN(const v1::GetStatusResponse status, FormatsOf(line, hub));
  const bool to_finalize = status.newest_format() > status.format();
  if (to_finalize && !Agrees(line, status, terminal)) {
    return absl::CancelledError("nothing was finalized");
  }
  ASSIGN_OR_RETURN(const v1::FinalizeUpgradeResponse done,
                   hub.FinalizeUpgrade(status.newest_format()));
  if (line.output == Output::kJson) {
    PrintJson({{"format", done.format()}, {"format_before", done.format_before()}}, terminal.out);
  } else if (done.format() == done.format_before()) {
    terminal.out << "Nothing to finalize: the data folder has format " << done.format()
                 << ", the newest of this hub.\n";
  } else {
    terminal.out << "Finalized: the data folder has format " << done.format() << ", before it "
                 << done.format_before() << ". Releases that do not know format " << done.format()
                 << " refuse it.\n";
  }
  return absl::OkStatus();
}

}  // namespace sessionhub::ctl
