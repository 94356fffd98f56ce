#include "client/ctl/ending.h"

#include "client/ctl/json_report.h"
#include "client/ctl/printable.h"
#include "proto/session/status_macros.h"

namespace sessionhub::ctl {

absl::Status DisconnectNode(const CommandLine& line, AdminClient& hub, Terminal& terminal) {
  const std::string node =
      "node " + EscapeControls(line.node) + " of app " + EscapeControls(line.app);
  if (!line.yes) {
    terminal.err << "Cut the stream of " << node << " at " << line.endpoint
                 << "? Its lease goes on, and it comes back by itself. [y/N] " << std::flush;
    if (!IsYes(terminal)) return absl::CancelledError("nothing was cut");
  }
  RETURN_IF_ERROR(hub.DisconnectNode(line.app, line.node).status());
  if (line.output == Output::kJson) {
    PrintJson({{"app", line.app}, {"name", line.node}}, terminal.out);
  } else {
    terminal.out << "Cut the stream of " << node << ".\n";
  }
  return absl::OkStatus();
}

absl::Status DrainHub(const CommandLine& line, AdminClient& hub, Terminal& terminal) {
  if (!line.yes) {
    ASSIGN_OR_RETURN(const v1::GetStatusResponse status, hub.GetStatus());
    terminal.err << "Stop the hub at " << line.endpoint << ", with " << status.nodes()
                 << " nodes and the data folder " << EscapeControls(status.data_dir()) << "? [y/N] "
                 << std::flush;
    if (!IsYes(terminal)) return absl::CancelledError("nothing was stopped");
  }
  ASSIGN_OR_RETURN(const v1::DrainResponse drain, hub.Drain());
  if (line.output == Output::kJson) {
    PrintJson({{"drain_ms", drain.drain_ms()}}, terminal.out);
  } else {
    terminal.out << "The hub at " << line.endpoint
                 << " stops: nodes are told, answers that are due are written for at most "
                 << drain.drain_ms() << " ms.\n";
  }
  return absl::OkStatus();
}

}  // namespace sessionhub::ctl
